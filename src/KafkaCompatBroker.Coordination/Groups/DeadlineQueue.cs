using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>
/// All deadlines of a shard in one heap. A deadline that moved later stays where it is until it comes to the top, and is put back then:
/// so a member costs the heap one operation in a session timeout, not one in a heartbeat.
/// </summary>
public sealed class DeadlineQueue
{
    private readonly PriorityQueue<Deadline, long> _heap = new();

    /// <summary>Makes a deadline that is not set.</summary>
    /// <param name="reached">What happens when it is due; the deadline is not set any more when this is called.</param>
    public Deadline Make(Action<ShardStep> reached) => new(this, reached);

    /// <summary>The time of the next deadline; <see cref="Deadline.Never"/> when there is none.</summary>
    public long NextMs()
    {
        Settle();
        return _heap.TryPeek(out _, out long dueMs) ? dueMs : Deadline.Never;
    }

    /// <summary>Carries out all deadlines up to <see cref="ShardStep.NowMs"/>, in their order. One that is set anew for a time that has passed waits for the next call.</summary>
    public void Run(ShardStep step)
    {
        List<Deadline>? due = null;
        while (NextMs() <= step.NowMs)
        {
            Deadline deadline = _heap.Dequeue();
            deadline.QueuedMs = Deadline.Never;
            (due ??= []).Add(deadline);
        }

        foreach (Deadline deadline in due ?? [])
        {
            // What ran before may have moved it, and so queued it again, or cancelled it.
            if (deadline.DueMs > step.NowMs) continue;
            deadline.Cancel();
            deadline.Reached(step);
        }
    }

    internal void Enqueue(Deadline deadline)
    {
        deadline.QueuedMs = deadline.DueMs;
        _heap.Enqueue(deadline, deadline.DueMs);
    }

    /// <summary>Brings a deadline to the top whose time there is its true time.</summary>
    private void Settle()
    {
        while (_heap.TryPeek(out Deadline? deadline, out long queuedMs))
        {
            if (queuedMs == deadline.QueuedMs && queuedMs == deadline.DueMs) return;
            if (queuedMs == deadline.QueuedMs && deadline.IsSet)
            {
                deadline.QueuedMs = deadline.DueMs;
                _heap.DequeueEnqueue(deadline, deadline.DueMs);
                continue;
            }

            _heap.Dequeue();
            if (queuedMs == deadline.QueuedMs) deadline.QueuedMs = Deadline.Never;
        }
    }
}
