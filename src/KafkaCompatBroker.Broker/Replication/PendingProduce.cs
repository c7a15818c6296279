using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A produce with acks=-1 some of whose partitions wait for the high watermark. Exists only when something waits: without followers an
/// append is committed at once. Completed by whichever comes first, the last partition or the deadline.
/// </summary>
public sealed class PendingProduce(TimerQueue timers) : PendingRequest(timers)
{
    private readonly List<PendingProducePart> _parts = [];

    /// <summary>Waits for one more partition; its answer gets the error if the commit fails or comes too late.</summary>
    public void Add(Partition partition, int leaderEpoch, long requiredOffset, ProduceResponse.PartitionProduceResponse answer)
    {
        PendingProducePart part = new(this, partition, answer) { LeaderEpoch = leaderEpoch, RequiredOffset = requiredOffset };
        TakeShare();
        _parts.Add(part);
        if (!partition.TryPark(part))
            part.Committed();
    }

    protected internal override void OnDue()
    {
        foreach (PendingProducePart part in _parts)
        {
            if (part.Partition.Unpark(part))
                part.Expired();
        }
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
