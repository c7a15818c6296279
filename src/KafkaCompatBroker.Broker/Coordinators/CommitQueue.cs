using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// Steps whose answers wait until the log is committed up to where it ended then. In the order of offsets, which is that of deadlines too.
/// Used inside the shard's mailbox only.
/// </summary>
internal sealed class CommitQueue(Action<ShardStep> release)
{
    private readonly Queue<Entry> _entries = new();

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>What the high watermark must reach for the first step; only when not empty.</summary>
    public long FirstEndOffset => _entries.Peek().EndOffset;

    /// <summary>When the first step has waited too long; long.MaxValue when empty.</summary>
    public long DeadlineMs => IsEmpty ? long.MaxValue : _entries.Peek().DeadlineMs;

    public void Add(ShardStep step, long endOffset, long deadlineMs) => _entries.Enqueue(new(step, endOffset, deadlineMs));

    /// <summary>Releases every step that is committed.</summary>
    public void Committed(long highWatermark)
    {
        while (!IsEmpty && FirstEndOffset <= highWatermark)
            release(_entries.Dequeue().Step);
    }

    /// <summary>Answers steps that have waited too long; their records stay in the log and may still be committed.</summary>
    public void Expire(long nowMs)
    {
        while (DeadlineMs <= nowMs)
            Fail(_entries.Dequeue().Step, CoordinatorErrors.Of(ErrorCode.RequestTimedOut));
    }

    public void FailAll(ErrorCode error)
    {
        while (_entries.TryDequeue(out Entry entry))
            Fail(entry.Step, error);
    }

    /// <summary>Answers everybody who has an answer in a step with an error instead.</summary>
    public static void Fail(ShardStep step, ErrorCode error)
    {
        foreach (Reply reply in step.Answered)
            ((IPendingReply)reply).Fail(error);
    }

    private readonly record struct Entry(ShardStep Step, long EndOffset, long DeadlineMs);
}
