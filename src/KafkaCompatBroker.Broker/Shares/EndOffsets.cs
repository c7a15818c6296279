using KafkaCompatBroker.Broker.Handlers.Data;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Shares;

/// <summary>Tells how far partitions can be read, here or on another broker. Any thread.</summary>
public sealed class EndOffsets(PartitionHost host, PeerConnections peers, TimeSpan timeout)
{
    private const long LatestTimestamp = -1;
    private const int ConsumerReplicaId = -1;

    /// <summary>The high watermark of a partition; null when its leader cannot say.</summary>
    public async Task<long?> FindAsync(TopicPartition name)
    {
        int leader = host.Image.Topic(name.Topic)?.Partition(name.Partition)?.Leader ?? -1;
        if (leader < 0)
            return null;
        if (leader == host.BrokerId)
            return FindHere(name);
        try
        {
            return await FindThereAsync(leader, name).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException or ObjectDisposedException)
        {
            return null;
        }
    }

    private long? FindHere(TopicPartition name)
    {
        host.Find(name.Topic, name.Partition, out Partition? partition);
        if (partition is null)
            return null;
        PartitionView view = partition.View(-1, true, ReadLimit.HighWatermark);
        return view.Error == ErrorCode.None ? view.EndOffset : null;
    }

    private async Task<long?> FindThereAsync(int leader, TopicPartition name)
    {
        ListOffsetsRequest request = new()
        {
            ReplicaId = ConsumerReplicaId,
            Topics =
            [
                new()
                {
                    Name = name.Topic,
                    Partitions = [new() { PartitionIndex = name.Partition, CurrentLeaderEpoch = -1, Timestamp = LatestTimestamp }],
                },
            ],
        };
        ListOffsetsResponse response = await peers.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(leader, request, timeout).ConfigureAwait(false);
        return response.Topics.SelectMany(static topic => topic.Partitions).FirstOrDefault() is { ErrorCode: ErrorCode.None } found ? found.Offset : null;
    }
}
