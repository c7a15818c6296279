using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// A batch that still takes records of further steps. Those it has are applied already, at the offsets that they will have; should the log
/// refuse the batch, the shard knows what never happened and must be loaded again. Used inside the shard's mailbox only.
/// </summary>
/// <param name="records">The records so far.</param>
/// <param name="baseOffset">Offset of the first record.</param>
/// <param name="wallClockMs">When the first step ran.</param>
/// <param name="dueMs">When it must be appended at the latest, on the monotonic scale.</param>
internal sealed class OpenBatch(RecordBatchBuilder records, long baseOffset, long wallClockMs, long dueMs)
{
    private readonly List<ShardStep> _steps = [];

    public RecordBatchBuilder Records => records;

    public long BaseOffset => baseOffset;

    public long WallClockMs => wallClockMs;

    public long DueMs => dueMs;

    /// <summary>Offset of the next record.</summary>
    public long NextOffset => baseOffset + records.RecordCount;

    /// <summary>Steps that wait for the batch, reads among them.</summary>
    public IReadOnlyList<ShardStep> Steps => _steps;

    public void Add(ShardStep step) => _steps.Add(step);
}
