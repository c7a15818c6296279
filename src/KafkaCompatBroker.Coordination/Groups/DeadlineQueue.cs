using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>
/// All deadlines of a shard in one heap. A deadline that moved later stays where it is until its old time has come, and is put back then:
/// so a member costs the heap one operation in a session timeout, not one in a heartbeat.
/// </summary>
public sealed class DeadlineQueue
{
    // Old times that are nearly due are looked at together: else each member would ask for a wake-up of its own.
    private const long LookAheadMs = 1_000;

    private readonly PriorityQueue<Deadline, long> _heap = new();

    /// <summary>Makes a deadline that is not set.</summary>
    /// <param name="reached">What happens when it is due; the deadline is not set any more when this is called.</param>
    public Deadline Make(Action<ShardStep> reached) => new(this, reached);

    /// <summary>
    /// When to call <see cref="Run"/> next: no deadline is due before, and perhaps none is due then. <see cref="Deadline.Never"/> when there is none.
    /// </summary>
    public long NextMs() => _heap.TryPeek(out _, out long queuedMs) ? queuedMs : Deadline.Never;

    /// <summary>Carries out all deadlines up to <see cref="ShardStep.NowMs"/>, in their order. One that is set anew for a time that has passed waits for the next call.</summary>
    public void Run(ShardStep step)
    {
        List<Deadline>? due = null;
        Settle(step.NowMs + LookAheadMs);
        while (NextMs() <= step.NowMs)
        {
            Deadline deadline = _heap.Dequeue();
            deadline.QueuedMs = Deadline.Never;
            (due ??= []).Add(deadline);
            Settle(step.NowMs + LookAheadMs);
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

    /// <summary>Puts back what moved, up to a time: what is on top then is true, or later than that time.</summary>
    private void Settle(long untilMs)
    {
        while (_heap.TryPeek(out Deadline? deadline, out long queuedMs) && queuedMs <= untilMs)
        {
            bool isCurrent = queuedMs == deadline.QueuedMs;
            if (isCurrent && queuedMs == deadline.DueMs) return;
            if (isCurrent && deadline.IsSet)
            {
                deadline.QueuedMs = deadline.DueMs;
                _heap.DequeueEnqueue(deadline, deadline.DueMs);
                continue;
            }

            _heap.Dequeue();
            if (isCurrent) deadline.QueuedMs = Deadline.Never;
        }
    }
}
