using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A DeleteRecords some of whose partitions wait until the followers have moved the starts of their logs (KIP-107). Completed by
/// whichever comes first, the last partition or the deadline.
/// </summary>
internal sealed class PendingDeletion(TimerQueue timers) : PendingRequest(timers)
{
    private readonly List<PendingDeletionPart> _parts = [];

    /// <summary>Waits for one more partition; its answer becomes REQUEST_TIMED_OUT if that takes too long.</summary>
    public void Add(Partition partition, long requiredOffset, DeleteRecordsResponse.DeleteRecordsPartitionResult answer)
    {
        PendingDeletionPart part = new(this, partition, requiredOffset, answer);
        TakeShare();
        _parts.Add(part);
        partition.Park(part);
    }

    protected internal override void OnDue()
    {
        foreach (PendingDeletionPart part in _parts)
        {
            if (part.Partition.Unpark(part))
                part.Complete(ErrorCode.RequestTimedOut, part.LowWatermark);
        }
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
