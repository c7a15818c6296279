namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>Who holds a partition, as the metadata log says it.</summary>
/// <param name="Leader">Broker id of the leader, -1 when there is none.</param>
/// <param name="LeaderEpoch">Counts the changes of the leader.</param>
/// <param name="PartitionEpoch">Counts every change of this record; the version for AlterPartition.</param>
/// <param name="Replicas">Broker ids that hold or shall hold a copy.</param>
/// <param name="Isr">Broker ids whose copies the high watermark waits for.</param>
public readonly record struct PartitionAssignment(
    int Leader, int LeaderEpoch, int PartitionEpoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> Isr);
