using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using Wire = KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Vote, BeginQuorumEpoch and EndQuorumEpoch between the wire and the Raft core (KIP-595, 853, 996). A request about anything but the
/// metadata log reads as null.
/// </summary>
internal static class ElectionMessages
{
    private const int AnyVoter = -1;

    public static Wire.VoteRequest ToWire(VoteRequest request, string clusterId) => new()
    {
        ClusterId = clusterId,
        VoterId = request.Voter?.Id ?? AnyVoter,
        Topics =
        [
            new Wire.VoteRequest.TopicData
            {
                TopicName = TopicName.ClusterMetadata,
                Partitions =
                [
                    new Wire.VoteRequest.PartitionData
                    {
                        ReplicaEpoch = request.Epoch,
                        ReplicaId = request.Candidate.Id,
                        ReplicaDirectoryId = VoterRecords.ToUuid(request.Candidate.DirectoryId),
                        VoterDirectoryId = VoterRecords.ToUuid(request.Voter?.DirectoryId ?? DirectoryId.Zero),
                        LastOffsetEpoch = request.LastLog.Epoch,
                        LastOffset = request.LastLog.Offset,
                        PreVote = request.PreVote,
                    },
                ],
            },
        ],
    };

    public static VoteRequest? FromWire(Wire.VoteRequest request, long correlationId, int localId) =>
        request.Topics is [{ TopicName: TopicName.ClusterMetadata, Partitions: [{ PartitionIndex: 0 } partition] }]
            ? new VoteRequest(
                correlationId,
                partition.ReplicaId,
                localId,
                partition.ReplicaEpoch,
                new ReplicaKey(partition.ReplicaId, VoterRecords.ToDirectoryId(partition.ReplicaDirectoryId)),
                Meant(request.VoterId, partition.VoterDirectoryId),
                new LogPosition(partition.LastOffset, partition.LastOffsetEpoch),
                partition.PreVote)
            : null;

    public static Wire.VoteResponse ToWire(VoteResponse response) => new()
    {
        Topics =
        [
            new Wire.VoteResponse.TopicData
            {
                TopicName = TopicName.ClusterMetadata,
                Partitions =
                [
                    new Wire.VoteResponse.PartitionData
                    {
                        ErrorCode = RaftErrors.ToWire(response.Error),
                        LeaderId = response.LeaderId,
                        LeaderEpoch = response.Epoch,
                        VoteGranted = response.Granted,
                    },
                ],
            },
        ],
    };

    public static VoteResponse? FromWire(Wire.VoteResponse response, VoteRequest request) =>
        response is { ErrorCode: Wire.ErrorCode.None, Topics: [{ Partitions: [var partition] }] }
            ? new VoteResponse(
                request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(partition.ErrorCode), partition.LeaderEpoch, partition.LeaderId, partition.VoteGranted)
            : null;

    public static Wire.BeginQuorumEpochRequest ToWire(BeginQuorumEpochRequest request, string clusterId, IReadOnlyList<VoterEndpoint> leader) => new()
    {
        ClusterId = clusterId,
        VoterId = request.Voter?.Id ?? AnyVoter,
        Topics =
        [
            new Wire.BeginQuorumEpochRequest.TopicData
            {
                TopicName = TopicName.ClusterMetadata,
                Partitions =
                [
                    new Wire.BeginQuorumEpochRequest.PartitionData
                    {
                        VoterDirectoryId = VoterRecords.ToUuid(request.Voter?.DirectoryId ?? DirectoryId.Zero),
                        LeaderId = request.Source,
                        LeaderEpoch = request.Epoch,
                    },
                ],
            },
        ],
        LeaderEndpoints = [.. leader.Select(static one => new Wire.BeginQuorumEpochRequest.LeaderEndpoint { Name = one.Listener, Host = one.Host, Port = (ushort)one.Port })],
    };

    public static BeginQuorumEpochRequest? FromWire(Wire.BeginQuorumEpochRequest request, long correlationId, int localId) =>
        request.Topics is [{ TopicName: TopicName.ClusterMetadata, Partitions: [{ PartitionIndex: 0 } partition] }]
            ? new BeginQuorumEpochRequest(correlationId, partition.LeaderId, localId, partition.LeaderEpoch, Meant(request.VoterId, partition.VoterDirectoryId))
            : null;

    public static Wire.BeginQuorumEpochResponse ToWire(BeginQuorumEpochResponse response) => new()
    {
        Topics =
        [
            new Wire.BeginQuorumEpochResponse.TopicData
            {
                TopicName = TopicName.ClusterMetadata,
                Partitions = [new Wire.BeginQuorumEpochResponse.PartitionData { ErrorCode = RaftErrors.ToWire(response.Error), LeaderId = response.LeaderId, LeaderEpoch = response.Epoch }],
            },
        ],
    };

    public static BeginQuorumEpochResponse? FromWire(Wire.BeginQuorumEpochResponse response, BeginQuorumEpochRequest request) =>
        response is { ErrorCode: Wire.ErrorCode.None, Topics: [{ Partitions: [var partition] }] }
            ? new BeginQuorumEpochResponse(
                request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(partition.ErrorCode), partition.LeaderEpoch, partition.LeaderId)
            : null;

    public static Wire.EndQuorumEpochRequest ToWire(EndQuorumEpochRequest request, string clusterId, IReadOnlyList<VoterEndpoint> leader) => new()
    {
        ClusterId = clusterId,
        Topics =
        [
            new Wire.EndQuorumEpochRequest.TopicData
            {
                TopicName = TopicName.ClusterMetadata,
                Partitions =
                [
                    new Wire.EndQuorumEpochRequest.PartitionData
                    {
                        LeaderId = request.Source,
                        LeaderEpoch = request.Epoch,
                        PreferredSuccessors = [.. request.PreferredSuccessors.Select(static one => one.Id)],
                        PreferredCandidates =
                        [
                            .. request.PreferredSuccessors.Select(static one => new Wire.EndQuorumEpochRequest.ReplicaInfo
                            {
                                CandidateId = one.Id,
                                CandidateDirectoryId = VoterRecords.ToUuid(one.DirectoryId),
                            }),
                        ],
                    },
                ],
            },
        ],
        LeaderEndpoints = [.. leader.Select(static one => new Wire.EndQuorumEpochRequest.LeaderEndpoint { Name = one.Listener, Host = one.Host, Port = (ushort)one.Port })],
    };

    public static EndQuorumEpochRequest? FromWire(Wire.EndQuorumEpochRequest request, long correlationId, int localId) =>
        request.Topics is [{ TopicName: TopicName.ClusterMetadata, Partitions: [{ PartitionIndex: 0 } partition] }]
            ? new EndQuorumEpochRequest(correlationId, partition.LeaderId, localId, partition.LeaderEpoch, Successors(partition))
            : null;

    public static Wire.EndQuorumEpochResponse ToWire(EndQuorumEpochResponse response) => new()
    {
        Topics =
        [
            new Wire.EndQuorumEpochResponse.TopicData
            {
                TopicName = TopicName.ClusterMetadata,
                Partitions = [new Wire.EndQuorumEpochResponse.PartitionData { ErrorCode = RaftErrors.ToWire(response.Error), LeaderId = response.LeaderId, LeaderEpoch = response.Epoch }],
            },
        ],
    };

    public static EndQuorumEpochResponse? FromWire(Wire.EndQuorumEpochResponse response, EndQuorumEpochRequest request) =>
        response is { ErrorCode: Wire.ErrorCode.None, Topics: [{ Partitions: [var partition] }] }
            ? new EndQuorumEpochResponse(
                request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(partition.ErrorCode), partition.LeaderEpoch, partition.LeaderId)
            : null;

    private static ReplicaKey[] Successors(Wire.EndQuorumEpochRequest.PartitionData partition) => partition.PreferredCandidates.Length > 0
        ? [.. partition.PreferredCandidates.Select(static one => new ReplicaKey(one.CandidateId, VoterRecords.ToDirectoryId(one.CandidateDirectoryId)))]
        : [.. partition.PreferredSuccessors.Select(static id => new ReplicaKey(id, DirectoryId.Zero))];

    private static ReplicaKey? Meant(int voterId, Uuid directoryId) => voterId == AnyVoter ? null : new ReplicaKey(voterId, VoterRecords.ToDirectoryId(directoryId));
}
