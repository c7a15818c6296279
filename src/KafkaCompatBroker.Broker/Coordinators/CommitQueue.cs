using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// Steps that wait until the log is committed up to where it ended then, in the order of offsets. Who waits too long is answered with an error;
/// what the step wants done stays, since its records may still be committed. Used inside the shard's mailbox only.
/// </summary>
internal sealed class CommitQueue(Action<ShardStep> carryOut)
{
    // What is overdue came before what is not, so its offsets are lower.
    private readonly Queue<Entry> _overdue = new();
    private readonly Queue<Entry> _entries = new();

    public bool IsEmpty => _overdue.Count == 0 && _entries.Count == 0;

    /// <summary>What the high watermark must reach for the first step; only when not empty.</summary>
    public long FirstEndOffset => (_overdue.Count > 0 ? _overdue : _entries).Peek().EndOffset;

    /// <summary>When somebody has waited too long; long.MaxValue when nobody waits.</summary>
    public long DeadlineMs => _entries.Count == 0 ? long.MaxValue : _entries.Peek().DeadlineMs;

    public void Add(ShardStep step, long endOffset, long deadlineMs) => _entries.Enqueue(new(step, endOffset, deadlineMs));

    /// <summary>Carries out every step that is committed, and sends its answers.</summary>
    public void Committed(long highWatermark)
    {
        while (!IsEmpty && FirstEndOffset <= highWatermark)
            Release((_overdue.Count > 0 ? _overdue : _entries).Dequeue().Step);
    }

    /// <summary>Carries out a step and sends its answers; those who were told of an error get no second one.</summary>
    public void Release(ShardStep step)
    {
        carryOut(step);
        // By index: no enumerator for each heartbeat.
        for (int index = 0; index < step.Answered.Count; index++)
            ((IPendingReply)step.Answered[index]).Send();
    }

    /// <summary>Answers those who have waited too long; their records stay in the log and may still be committed.</summary>
    public void Expire(long nowMs)
    {
        while (DeadlineMs <= nowMs)
        {
            Entry entry = _entries.Dequeue();
            if (entry.Step.Effects.Count > 0)
                _overdue.Enqueue(entry);
            Fail(entry.Step, CoordinatorErrors.Of(ErrorCode.RequestTimedOut));
        }
    }

    /// <summary>Answers everybody with an error. Nothing is carried out: what the records want done is known to whoever loads them next.</summary>
    public void FailAll(ErrorCode error)
    {
        _overdue.Clear();
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
