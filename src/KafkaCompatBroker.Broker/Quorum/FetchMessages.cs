using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using WireFetchRequest = KafkaCompatBroker.Protocol.Messages.FetchRequest;
using WireFetchResponse = KafkaCompatBroker.Protocol.Messages.FetchResponse;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>Fetches of the metadata log between the wire and the Raft core (KIP-595).</summary>
internal static class FetchMessages
{
    /// <summary>The first version with topic ids, which end the use of the name.</summary>
    private const short FirstVersionWithTopicIds = 13;

    private const short FirstVersionWithReplicaState = 15;

    public static WireFetchRequest ToWire(Raft.FetchRequest request, short version, string clusterId, int bytesMax) => new()
    {
        ClusterId = clusterId,
        ReplicaId = version < FirstVersionWithReplicaState ? request.Replica.Id : -1,
        ReplicaState = version < FirstVersionWithReplicaState ? new() : new WireFetchRequest.ReplicaStateData { ReplicaId = request.Replica.Id },
        MaxWaitMs = request.WaitMs,
        MaxBytes = bytesMax,
        Topics =
        [
            new WireFetchRequest.FetchTopic
            {
                Topic = TopicName.ClusterMetadata,
                TopicId = Uuid.One,
                Partitions =
                [
                    new WireFetchRequest.FetchPartition
                    {
                        CurrentLeaderEpoch = request.Epoch,
                        FetchOffset = request.Position.Offset,
                        LastFetchedEpoch = request.Position.Epoch,
                        PartitionMaxBytes = bytesMax,
                        ReplicaDirectoryId = VoterRecords.ToUuid(request.Replica.DirectoryId),
                        HighWatermark = request.HighWatermark,
                    },
                ],
            },
        ],
    };

    /// <summary>The fetch of the metadata log in a request; null when it asks for anything else.</summary>
    public static Raft.FetchRequest? FromWire(WireFetchRequest request, short version, long correlationId, int localId)
    {
        if (request.Topics is not [{ Partitions: [{ Partition: 0 } partition] } topic]) return null;
        if (version >= FirstVersionWithTopicIds ? topic.TopicId != Uuid.One : topic.Topic != TopicName.ClusterMetadata) return null;
        var replicaId = version >= FirstVersionWithReplicaState ? request.ReplicaState.ReplicaId : request.ReplicaId;
        return new Raft.FetchRequest(
            correlationId,
            replicaId,
            localId,
            new ReplicaKey(replicaId, VoterRecords.ToDirectoryId(partition.ReplicaDirectoryId)),
            partition.CurrentLeaderEpoch,
            new LogPosition(partition.FetchOffset, partition.LastFetchedEpoch),
            partition.HighWatermark,
            request.MaxWaitMs);
    }

    public static WireFetchResponse ToWire(Raft.FetchResponse response, long logStartOffset)
    {
        var partition = new WireFetchResponse.PartitionData
        {
            ErrorCode = RaftErrors.ToWire(response.Error),
            HighWatermark = response.HighWatermark,
            LogStartOffset = logStartOffset,
            CurrentLeader = new WireFetchResponse.LeaderIdAndEpoch { LeaderId = response.LeaderId, LeaderEpoch = response.Epoch },
            Records = Join(response.Entries),
        };
        if (response.Diverging is { } diverging)
            partition.DivergingEpoch = new WireFetchResponse.EpochEndOffset { Epoch = diverging.Epoch, EndOffset = diverging.Offset };
        if (response.Snapshot is { } snapshot)
            partition.SnapshotId = new WireFetchResponse.SnapshotIdData { EndOffset = snapshot.Offset, Epoch = snapshot.Epoch };
        return new WireFetchResponse
        {
            Responses = [new WireFetchResponse.FetchableTopicResponse { Topic = TopicName.ClusterMetadata, TopicId = Uuid.One, Partitions = [partition] }],
        };
    }

    /// <summary>Null when the answer is about another cluster or another partition.</summary>
    public static Raft.FetchResponse? FromWire(WireFetchResponse response, Raft.FetchRequest request)
    {
        if (response.ErrorCode != ErrorCode.None || response.Responses is not [{ Partitions: [var partition] }]) return null;
        return new Raft.FetchResponse(
            request.CorrelationId,
            request.Destination,
            request.Source,
            RaftErrors.FromWire(partition.ErrorCode),
            partition.CurrentLeader.LeaderEpoch,
            partition.CurrentLeader.LeaderId)
        {
            HighWatermark = partition.HighWatermark,
            Diverging = partition.DivergingEpoch is { EndOffset: >= 0 } diverging ? new LogPosition(diverging.EndOffset, diverging.Epoch) : null,
            Snapshot = partition.SnapshotId is { EndOffset: >= 0 } snapshot ? new LogPosition(snapshot.EndOffset, snapshot.Epoch) : null,
            Entries = partition.Records is { } records ? RaftLogAdapter.Entries(records.Span) : [],
        };
    }

    private static byte[] Join(IReadOnlyList<RaftEntry> entries)
    {
        var bytes = new byte[entries.Sum(static entry => entry.Bytes.Length)];
        var position = 0;
        foreach (var entry in entries)
        {
            entry.Bytes.CopyTo(bytes.AsMemory(position));
            position += entry.Bytes.Length;
        }
        return bytes;
    }
}
