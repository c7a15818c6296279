using System.Threading.Tasks.Sources;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A DeleteRecords some of whose partitions wait until the followers have moved the starts of their logs (KIP-107). Completed by
/// whichever comes first, the last partition or the deadline.
/// </summary>
internal sealed class PendingDeletion(TimerQueue timers) : TimerEntry, IValueTaskSource
{
    private readonly List<PendingDeletionPart> _parts = [];
    private ManualResetValueTaskSourceCore<bool> _source;

    // One share belongs to WaitAsync.
    private int _sharesLeft = 1;

    /// <summary>Waits for one more partition; its answer becomes REQUEST_TIMED_OUT if that takes too long.</summary>
    public void Add(Partition partition, long requiredOffset, DeleteRecordsResponse.DeleteRecordsPartitionResult answer)
    {
        PendingDeletionPart part = new(this, partition, requiredOffset, answer);
        Interlocked.Increment(ref _sharesLeft);
        _parts.Add(part);
        partition.Park(part);
    }

    /// <summary>Completes when every follower followed, or after <paramref name="timeoutMs"/> milliseconds.</summary>
    public ValueTask WaitAsync(int timeoutMs)
    {
        if (_parts.Count > 0)
            timers.Add(this, timeoutMs);
        GiveUpShare();
        return new ValueTask(this, _source.Version);
    }

    public void GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected internal override void OnDue()
    {
        foreach (PendingDeletionPart part in _parts)
        {
            if (part.Partition.Unpark(part))
                part.Complete(ErrorCode.RequestTimedOut, part.LowWatermark);
        }
    }

    internal void GiveUpShare()
    {
        if (Interlocked.Decrement(ref _sharesLeft) != 0)
            return;

        timers.Cancel(this);
        _source.SetResult(true);
    }
}

/// <summary>One partition of a <see cref="PendingDeletion"/>.</summary>
internal sealed class PendingDeletionPart(
    PendingDeletion owner, Partition partition, long requiredOffset, DeleteRecordsResponse.DeleteRecordsPartitionResult answer)
{
    public Partition Partition => partition;

    /// <summary>The low watermark that ends the wait.</summary>
    public long RequiredOffset => requiredOffset;

    /// <summary>The low watermark when the records were deleted here.</summary>
    public long LowWatermark { get; } = answer.LowWatermark;

    /// <summary>Called without the partition's lock, once.</summary>
    public void Complete(ErrorCode error, long lowWatermark)
    {
        answer.ErrorCode = error;
        answer.LowWatermark = lowWatermark;
        owner.GiveUpShare();
    }
}
