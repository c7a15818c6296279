namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>Something that has a deadline. Waits in at most one <see cref="TimerQueue"/> at a time.</summary>
public abstract class TimerEntry
{
    internal const int NotQueued = -1;

    internal int Position = NotQueued;
    internal long DueMs;

    /// <summary>Runs on the timer thread when the deadline has passed; must not block.</summary>
    protected internal abstract void OnDue();
}
