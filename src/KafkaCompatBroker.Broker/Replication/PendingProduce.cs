using System.Threading.Tasks.Sources;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A produce with acks=-1 some of whose partitions wait for the high watermark. Exists only when something waits: without followers an
/// append is committed at once. Completed by whichever comes first, the last partition or the deadline.
/// </summary>
public sealed class PendingProduce(TimerQueue timers) : TimerEntry, IValueTaskSource
{
    private readonly List<PendingProducePart> _parts = [];
    private ManualResetValueTaskSourceCore<bool> _source;

    // One share belongs to WaitAsync, so that early partitions cannot complete the request while later ones are appended.
    private int _sharesLeft = 1;

    /// <summary>Waits for one more partition; its answer gets the error if the commit fails or comes too late.</summary>
    public void Add(Partition partition, int leaderEpoch, long requiredOffset, ProduceResponse.PartitionProduceResponse answer)
    {
        PendingProducePart part = new(this, partition, answer) { LeaderEpoch = leaderEpoch, RequiredOffset = requiredOffset };
        Interlocked.Increment(ref _sharesLeft);
        _parts.Add(part);
        if (!partition.TryPark(part))
            part.Committed();
    }

    /// <summary>Completes when every partition is committed or failed, or after <paramref name="timeoutMs"/> milliseconds.</summary>
    public ValueTask WaitAsync(int timeoutMs)
    {
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
        foreach (PendingProducePart part in _parts)
        {
            if (part.Partition.Unpark(part))
                part.Expired();
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

/// <summary>One partition of a <see cref="PendingProduce"/>.</summary>
internal sealed class PendingProducePart(
    PendingProduce owner, Partition partition, ProduceResponse.PartitionProduceResponse answer) : CommitWait
{
    public Partition Partition => partition;

    public override void Committed()
    {
        answer.ErrorCode = Result;
        owner.GiveUpShare();
    }

    public void Expired()
    {
        answer.ErrorCode = ErrorCode.RequestTimedOut;
        owner.GiveUpShare();
    }
}
