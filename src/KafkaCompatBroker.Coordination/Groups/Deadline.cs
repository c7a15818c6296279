using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>
/// One point in time at which something happens, or none. Moving it later, as every heartbeat does, only sets a number: the queue finds out when
/// the old time comes. Make one through <see cref="DeadlineQueue.Make"/>.
/// </summary>
public sealed class Deadline
{
    /// <summary>Not set.</summary>
    public const long Never = long.MaxValue;

    private readonly DeadlineQueue _queue;

    internal Deadline(DeadlineQueue queue, Action<ShardStep> reached) => (_queue, Reached) = (queue, reached);

    /// <summary>When it is due, on the monotonic scale.</summary>
    public long DueMs { get; private set; } = Never;

    public bool IsSet => DueMs != Never;

    internal Action<ShardStep> Reached { get; }

    /// <summary>The earliest time for which the queue holds this deadline; <see cref="Never"/> when it does not.</summary>
    internal long QueuedMs { get; set; } = Never;

    /// <summary>Sets or moves the deadline.</summary>
    public void Set(long dueMs)
    {
        DueMs = dueMs;
        if (dueMs < QueuedMs) _queue.Enqueue(this);
    }

    public void Cancel() => DueMs = Never;
}
