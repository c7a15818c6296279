using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>What the offsets of a group must be after all that was acknowledged: commits and transactions go through it, and it compares.</summary>
internal sealed class OffsetModel(GroupRun run, string groupId, Random random)
{
    private const int Producers = 3;

    private readonly Dictionary<(string Topic, int Partition), Stored> _committed = [];
    private readonly Dictionary<long, Dictionary<(string Topic, int Partition), Stored>> _pending = [];
    private long _lastOffset;
    private (GroupShard Shard, int LogLength) _checked;

    /// <summary>Commits the next offset as a member, or as nobody with epoch -1.</summary>
    public ErrorCode Commit(string topic, int partition, string memberId, string? instanceId, int epoch)
    {
        long offset = ++_lastOffset;
        int record = run.LogEnd;
        GroupReply<OffsetCommitResponse> reply = run.Commit(new OffsetCommitRequest
        {
            GroupId = groupId,
            GenerationIdOrMemberEpoch = epoch,
            MemberId = memberId,
            GroupInstanceId = instanceId,
            Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset }] }],
        });
        ErrorCode error = reply.Answer.Topics[0].Partitions[0].ErrorCode;
        if (!reply.IsLost && error == ErrorCode.None) _committed[(topic, partition)] = new Stored(offset, record);
        return error;
    }

    /// <summary>Commits the next offset in the transaction of one of the producers.</summary>
    public void CommitInTransaction(string topic, int partition)
    {
        long producerId = random.Next(Producers);
        long offset = ++_lastOffset;
        int record = run.LogEnd;
        GroupReply<TxnOffsetCommitResponse> reply = run.CommitInTransaction(new TxnOffsetCommitRequest
        {
            GroupId = groupId,
            ProducerId = producerId,
            TransactionalId = "tx",
            GenerationIdOrMemberEpoch = -1,
            Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset }] }],
        });
        if (reply.IsLost || reply.Answer.Topics[0].Partitions[0].ErrorCode != ErrorCode.None) return;
        if (!_pending.TryGetValue(producerId, out Dictionary<(string, int), Stored>? pending)) _pending.Add(producerId, pending = []);
        pending[(topic, partition)] = new Stored(offset, record);
    }

    /// <summary>Ends the transaction of one of the producers; of two commits the later in the log counts, whatever the order of the markers.</summary>
    public void EndTransaction()
    {
        long producerId = random.Next(Producers);
        bool isCommit = random.Next(2) == 0;
        run.Marker(producerId, isCommit);
        if (!_pending.Remove(producerId, out Dictionary<(string, int), Stored>? pending) || !isCommit) return;
        foreach (((string, int) partition, Stored stored) in pending)
        {
            if (!_committed.TryGetValue(partition, out Stored present) || present.Record < stored.Record) _committed[partition] = stored;
        }
    }

    /// <summary>The offsets of a topic go with it.</summary>
    public void TopicDeleted(string topic)
    {
        foreach ((string Topic, int) partition in _committed.Keys.ToArray())
            if (partition.Topic == topic) _committed.Remove(partition);
        foreach (Dictionary<(string Topic, int), Stored> pending in _pending.Values)
            foreach ((string Topic, int) partition in pending.Keys.ToArray())
                if (partition.Topic == topic) pending.Remove(partition);
    }

    /// <summary>Compares with what a client is told. Offsets change with the log only, and are looked at anew when another coordinator has read it.</summary>
    public void Check()
    {
        if ((run.Shard, run.LogEnd) == _checked) return;
        _checked = (run.Shard, run.LogEnd);

        CheckOffsets(run.Fetch(groupId, requireStable: true).Topics, hidesPending: true);
        if (_pending.Count == 0) return;

        // What open transactions hide is there all the same, for who does not mind.
        CheckOffsets(run.Fetch(groupId).Topics, hidesPending: false);
        foreach (Dictionary<(string Topic, int Partition), Stored> pending in _pending.Values)
            foreach ((string topic, int partition) in pending.Keys)
                CheckHidden(run.Fetch(groupId, [new() { Name = topic, PartitionIndexes = [partition] }], requireStable: true).Topics[0].Partitions[0], topic);
    }

    private void CheckOffsets(OffsetFetchResponse.OffsetFetchResponseTopics[] topics, bool hidesPending)
    {
        int count = 0;
        foreach (OffsetFetchResponse.OffsetFetchResponseTopics topic in topics)
        {
            foreach (OffsetFetchResponse.OffsetFetchResponsePartitions partition in topic.Partitions)
            {
                count++;
                if (hidesPending && IsPending(topic.Name, partition.PartitionIndex)) CheckHidden(partition, topic.Name);
                else if (!_committed.TryGetValue((topic.Name, partition.PartitionIndex), out Stored expected) || expected.Offset != partition.CommittedOffset || partition.ErrorCode != ErrorCode.None)
                    throw new InvariantViolation("CommittedOffsetNeverLost", $"{topic.Name}-{partition.PartitionIndex} has offset {partition.CommittedOffset} instead of {expected.Offset}");
            }
        }

        if (count != _committed.Count) throw new InvariantViolation("CommittedOffsetNeverLost", $"{count} offsets are left of {_committed.Count}");
    }

    private static void CheckHidden(OffsetFetchResponse.OffsetFetchResponsePartitions partition, string topic)
    {
        if (partition.ErrorCode != ErrorCode.UnstableOffsetCommit)
            throw new InvariantViolation("OpenTransactionsHideOffsets", $"{topic}-{partition.PartitionIndex} says {partition.ErrorCode}");
    }

    private bool IsPending(string topic, int partition)
    {
        foreach (Dictionary<(string, int), Stored> pending in _pending.Values)
            if (pending.ContainsKey((topic, partition))) return true;
        return false;
    }

    private readonly record struct Stored(long Offset, int Record);
}
