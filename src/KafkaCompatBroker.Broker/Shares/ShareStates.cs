using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Shares;

/// <summary>Asks the share coordinator of a partition of a group, here or on another broker. Any thread.</summary>
public sealed class ShareStates(ClusterView cluster, CoordinatorRuntime<ShareStateShard> runtime, PeerConnections peers, TimeSpan timeout)
{
    /// <summary>Tells where a group stands in a partition.</summary>
    public Task<ShareStateAnswer> ReadAsync(SharePartitionKey key) =>
        AskAsync(key, (shard, step, reply) => shard.Read(step, key, reply), leader => ReadThereAsync(leader, key));

    /// <summary>Deletes the state of a partition.</summary>
    public Task<ShareStateAnswer> DeleteAsync(SharePartitionKey key) =>
        AskAsync(key, (shard, step, reply) => shard.Delete(step, key, reply), leader => DeleteThereAsync(leader, key));

    /// <summary>Asks the coordinator only if it is this broker; NOT_COORDINATOR otherwise.</summary>
    public async Task<ShareStateAnswer> AskHereAsync(SharePartitionKey key, Action<ShareStateShard, ShardStep, Reply<ShareStateAnswer>> command)
    {
        ShardAnswer<ShareStateAnswer> answer = await runtime.AskAsync(key.CoordinatorKey, command).ConfigureAwait(false);
        return answer.Response ?? ShareStateAnswer.Refused(answer.Error);
    }

    private async Task<ShareStateAnswer> AskAsync(
        SharePartitionKey key, Action<ShareStateShard, ShardStep, Reply<ShareStateAnswer>> command, Func<int, Task<ShareStateAnswer>> askThere)
    {
        TopicImage? topic = cluster.Image.Topic(TopicName.ShareGroupState);
        int leader = topic?.Partition(JavaHash.CoordinatorPartition(key.CoordinatorKey, topic.Partitions.Length))?.Leader ?? -1;
        if (leader < 0)
            return ShareStateAnswer.Refused(ErrorCode.CoordinatorNotAvailable);
        if (leader == cluster.NodeId)
            return await AskHereAsync(key, command).ConfigureAwait(false);
        try
        {
            return await askThere(leader).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException or ObjectDisposedException)
        {
            return ShareStateAnswer.Refused(ErrorCode.CoordinatorNotAvailable);
        }
    }

    private async Task<ShareStateAnswer> ReadThereAsync(int leader, SharePartitionKey key)
    {
        ReadShareGroupStateSummaryRequest request = new()
        {
            GroupId = key.GroupId,
            Topics = [new() { TopicId = key.TopicId, Partitions = [new() { Partition = key.Partition, LeaderEpoch = -1 }] }],
        };
        ReadShareGroupStateSummaryResponse response =
            await peers.CallAsync<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse>(leader, request, timeout).ConfigureAwait(false);
        return response.Results.SelectMany(static topic => topic.Partitions).FirstOrDefault() is { } result
            ? new(result.ErrorCode, new ShareState(result.StateEpoch, result.LeaderEpoch, result.StartOffset, result.DeliveryCompleteCount))
            : ShareStateAnswer.Refused(ErrorCode.UnknownServerError);
    }

    private async Task<ShareStateAnswer> DeleteThereAsync(int leader, SharePartitionKey key)
    {
        DeleteShareGroupStateRequest request = new()
        {
            GroupId = key.GroupId,
            Topics = [new() { TopicId = key.TopicId, Partitions = [new() { Partition = key.Partition }] }],
        };
        DeleteShareGroupStateResponse response =
            await peers.CallAsync<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse>(leader, request, timeout).ConfigureAwait(false);
        return ShareStateAnswer.Refused(response.Results.SelectMany(static topic => topic.Partitions).FirstOrDefault()?.ErrorCode ?? ErrorCode.UnknownServerError);
    }
}
