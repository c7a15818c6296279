using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>Turns readings into the body of a Fetch answer.</summary>
internal static class FetchAnswers
{
    private const short CurrentLeaderVersion = 16;

    /// <summary>Groups the named partitions by topic as they follow each other, and collects the leaders that are told (KIP-951).</summary>
    public static FetchResponse.FetchableTopicResponse[] Group(
        FetchRead[] reads, ReadOnlySpan<bool> isNamed, short version, ref HashSet<int>? leaders)
    {
        List<FetchResponse.FetchableTopicResponse> topics = [];
        List<FetchResponse.PartitionData> partitions = [];
        FetchedPartitionKey current = default;
        for (int i = 0; i < reads.Length; i++)
        {
            if (!isNamed[i])
                continue;

            FetchedPartitionKey key = reads[i].Asked.Key;
            if (partitions.Count > 0 && (key.TopicId != current.TopicId || key.Topic != current.Topic))
                Close(topics, partitions, current);
            current = key;
            partitions.Add(Partition(reads[i], version, ref leaders));
        }

        if (partitions.Count > 0)
            Close(topics, partitions, current);
        return [.. topics];
    }

    public static FetchResponse.NodeEndpoint Endpoint(BrokerEndpoint endpoint) =>
        new() { NodeId = endpoint.NodeId, Host = endpoint.Host, Port = endpoint.Port, Rack = endpoint.Rack };

    private static void Close(
        List<FetchResponse.FetchableTopicResponse> topics, List<FetchResponse.PartitionData> partitions, FetchedPartitionKey key)
    {
        topics.Add(new() { Topic = key.Topic, TopicId = key.TopicId, Partitions = [.. partitions] });
        partitions.Clear();
    }

    private static FetchResponse.PartitionData Partition(in FetchRead read, short version, ref HashSet<int>? leaders)
    {
        FetchResponse.PartitionData data = new()
        {
            PartitionIndex = read.Asked.Key.Partition,
            ErrorCode = read.Error,
            HighWatermark = read.HighWatermark,
            LastStableOffset = read.LastStableOffset,
            LogStartOffset = read.LogStartOffset,
            // Kafka's clients never look; an unknown partition has an empty list, a known one none.
            AbortedTransactions = read.Partition is null && read.Elsewhere is null ? [] : read.AbortedTransactions,
            Records = read.Records,
        };
        if (read.DivergingEpoch >= 0)
            data.DivergingEpoch = new() { Epoch = read.DivergingEpoch, EndOffset = read.DivergingEndOffset };
        if (read.PreferredReplica >= 0)
            data.PreferredReadReplica = read.PreferredReplica;
        bool hasNewLeader = read.Error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch;
        if (hasNewLeader && read.Leader >= 0 && version >= CurrentLeaderVersion)
        {
            data.CurrentLeader = new() { LeaderId = read.Leader, LeaderEpoch = read.LeaderEpoch };
            (leaders ??= []).Add(read.Leader);
        }

        return data;
    }
}
