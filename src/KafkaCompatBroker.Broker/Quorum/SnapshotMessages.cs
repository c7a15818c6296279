using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using Wire = KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>FetchSnapshot between the wire and the Raft core (KIP-630).</summary>
internal static class SnapshotMessages
{
    public static Wire.FetchSnapshotRequest ToWire(FetchSnapshotRequest request, string clusterId, int bytesMax) => new()
    {
        ClusterId = clusterId,
        ReplicaId = request.Replica.Id,
        MaxBytes = bytesMax,
        Topics =
        [
            new Wire.FetchSnapshotRequest.TopicSnapshot
            {
                Name = TopicName.ClusterMetadata,
                Partitions =
                [
                    new Wire.FetchSnapshotRequest.PartitionSnapshot
                    {
                        CurrentLeaderEpoch = request.Epoch,
                        SnapshotId = new Wire.FetchSnapshotRequest.SnapshotIdData { EndOffset = request.Snapshot.Offset, Epoch = request.Snapshot.Epoch },
                        Position = request.Position,
                        ReplicaDirectoryId = VoterRecords.ToUuid(request.Replica.DirectoryId),
                    },
                ],
            },
        ],
    };

    /// <summary>Null when it asks for anything but the metadata log.</summary>
    public static FetchSnapshotRequest? FromWire(Wire.FetchSnapshotRequest request, long correlationId, int localId) =>
        request.Topics is [{ Name: TopicName.ClusterMetadata, Partitions: [{ Partition: 0 } partition] }]
            ? new FetchSnapshotRequest(
                correlationId,
                request.ReplicaId,
                localId,
                new ReplicaKey(request.ReplicaId, VoterRecords.ToDirectoryId(partition.ReplicaDirectoryId)),
                partition.CurrentLeaderEpoch,
                new LogPosition(partition.SnapshotId.EndOffset, partition.SnapshotId.Epoch),
                partition.Position)
            : null;

    public static Wire.FetchSnapshotResponse ToWire(FetchSnapshotResponse response) => new()
    {
        Topics =
        [
            new Wire.FetchSnapshotResponse.TopicSnapshot
            {
                Name = TopicName.ClusterMetadata,
                Partitions =
                [
                    new Wire.FetchSnapshotResponse.PartitionSnapshot
                    {
                        ErrorCode = RaftErrors.ToWire(response.Error),
                        SnapshotId = new Wire.FetchSnapshotResponse.SnapshotIdData { EndOffset = response.Snapshot.Offset, Epoch = response.Snapshot.Epoch },
                        CurrentLeader = new Wire.FetchSnapshotResponse.LeaderIdAndEpoch { LeaderId = response.LeaderId, LeaderEpoch = response.Epoch },
                        Size = response.Size,
                        Position = response.Position,
                        UnalignedRecords = response.Bytes,
                    },
                ],
            },
        ],
    };

    /// <summary>Null when the answer is about another cluster or another partition.</summary>
    public static FetchSnapshotResponse? FromWire(Wire.FetchSnapshotResponse response, FetchSnapshotRequest request) =>
        response is { ErrorCode: Wire.ErrorCode.None, Topics: [{ Partitions: [var partition] }] }
            ? new FetchSnapshotResponse(
                request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(partition.ErrorCode), partition.CurrentLeader.LeaderEpoch, partition.CurrentLeader.LeaderId)
            {
                Snapshot = new LogPosition(partition.SnapshotId.EndOffset, partition.SnapshotId.Epoch),
                Position = partition.Position,
                Size = partition.Size,
                Bytes = partition.UnalignedRecords.ToArray(),
            }
            : null;
}
