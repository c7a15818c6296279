using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Tests.Coordinators;

/// <summary>A small shard for tests of the runtime: the last offset of each group, transactional ones once they are committed.</summary>
internal sealed class OffsetsShard : ICoordinatorShard
{
    private readonly Dictionary<string, long> _offsets = [];
    private readonly Dictionary<long, List<(string Group, long Offset)>> _open = [];
    private readonly List<Reply<Seen>> _kept = [];

    public long DeadlineMs { get; private set; } = long.MaxValue;

    public int Ticks { get; private set; }

    /// <summary>Records that the next tick writes.</summary>
    public int RecordsOfTick { get; set; }

    public void Apply(in CoordinatorRecord record, in RecordOrigin origin)
    {
        if (record.Key is not OffsetCommitKey key)
            return;
        if (origin.IsTransactional)
        {
            if (!_open.TryGetValue(origin.ProducerId, out List<(string Group, long Offset)>? pending))
                _open[origin.ProducerId] = pending = [];
            pending.Add((key.Group, ((OffsetCommitValue)record.Value!).Offset));
        }
        else if (record.Value is OffsetCommitValue value)
        {
            _offsets[key.Group] = value.Offset;
        }
        else
        {
            _offsets.Remove(key.Group);
        }
    }

    public void ApplyMarker(long producerId, short producerEpoch, bool isCommit)
    {
        if (!_open.Remove(producerId, out List<(string Group, long Offset)>? pending) || !isCommit)
            return;
        foreach ((string group, long offset) in pending)
            _offsets[group] = offset;
    }

    public void Loaded(ShardStep step, MetadataImage image)
    {
    }

    public void MetadataChanged(ShardStep step, MetadataImage image, MetadataChanges changes)
    {
    }

    public void Tick(ShardStep step)
    {
        Ticks++;
        DeadlineMs = long.MaxValue;
        for (int i = 0; i < RecordsOfTick; i++)
            step.Write(Record($"{new string('t', 100)}-{i}", i));
    }

    public void Unload(ShardStep step)
    {
        foreach (Reply<Seen> reply in _kept)
            step.Answer(reply, new Seen(-2));
    }

    public static void Commit(ShardStep step, string group, long offset, Reply<Seen> reply, long producerId = -1)
    {
        if (producerId >= 0)
            step.BelongTo(producerId, 0);
        step.Write(Record(group, offset));
        step.Answer(reply, new Seen(offset));
    }

    public static void Delete(ShardStep step, string group, Reply<Seen> reply)
    {
        step.Write(CoordinatorRecord.Tombstone(new OffsetCommitKey { Group = group, Topic = "t" }));
        step.Answer(reply, new Seen(-1));
    }

    public void Fetch(ShardStep step, string group, Reply<Seen> reply) => step.Answer(reply, new Seen(_offsets.GetValueOrDefault(group, -1)));

    public void Keep(Reply<Seen> reply) => _kept.Add(reply);

    public void TickAt(ShardStep step, long deadlineMs, Reply<Seen> reply)
    {
        DeadlineMs = deadlineMs;
        step.Answer(reply, new Seen(deadlineMs));
    }

    private static CoordinatorRecord Record(string group, long offset) =>
        new(new OffsetCommitKey { Group = group, Topic = "t" }, new OffsetCommitValue { Offset = offset, Metadata = "" }, 3);
}

/// <summary>The offset that a command saw.</summary>
internal sealed record Seen(long Offset);
