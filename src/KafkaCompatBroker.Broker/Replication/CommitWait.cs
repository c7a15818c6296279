using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Somebody in this broker who waits until what was appended is committed, or will never be.</summary>
internal abstract class CommitWait : WaitingProduce
{
    /// <summary>The outcome is known. Called without the partition's lock, on the thread that moved the high watermark; must not block.</summary>
    public abstract void Committed();
}
