using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Transactions and producer ids.</summary>
internal static class TransactionDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("add.partitions.to.txn.retry.backoff.max.ms", ConfigType.Int, "100", High, ReadOnly, AtLeast(0)),
        new("add.partitions.to.txn.retry.backoff.ms", ConfigType.Int, "20", High, ReadOnly, AtLeast(1)),
        new("producer.id.expiration.check.interval.ms", ConfigType.Int, "600000", Low, ReadOnly, AtLeast(1)) { IsInternal = true },
        new("producer.id.expiration.ms", ConfigType.Int, "86400000", Low, ClusterWide, AtLeast(1)),
        new("transaction.abort.timed.out.transaction.cleanup.interval.ms", ConfigType.Int, "10000", Low, ReadOnly, AtLeast(1)),
        new("transaction.max.timeout.ms", ConfigType.Int, "900000", High, ReadOnly, AtLeast(1)),
        new("transaction.partition.verification.enable", ConfigType.Boolean, "true", Low, ClusterWide, null),
        new("transaction.remove.expired.transaction.cleanup.interval.ms", ConfigType.Int, "3600000", Low, ReadOnly, AtLeast(1)),
        new("transaction.state.log.load.buffer.size", ConfigType.Int, "5242880", High, ReadOnly, AtLeast(1)),
        new("transaction.state.log.min.isr", ConfigType.Int, "2", High, ReadOnly, AtLeast(1)),
        new("transaction.state.log.num.partitions", ConfigType.Int, "50", High, ReadOnly, AtLeast(1)),
        new("transaction.state.log.replication.factor", ConfigType.Short, "3", High, ReadOnly, AtLeast(1)),
        new("transaction.state.log.segment.bytes", ConfigType.Int, "104857600", High, ReadOnly, AtLeast(1)),
        new("transaction.two.phase.commit.enable", ConfigType.Boolean, "false", Low, ReadOnly, null),
        new("transactional.id.expiration.ms", ConfigType.Int, "604800000", High, ReadOnly, AtLeast(1)),
    ];
}
