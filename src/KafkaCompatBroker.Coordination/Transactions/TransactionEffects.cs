using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>
/// The outcome of a transaction has to be written to its partitions, however long it takes; then <see cref="TransactionShard.MarkersWritten"/>.
/// Comes again while that has not been called; who is at it already does nothing.
/// </summary>
/// <param name="Producer">The transaction; its epoch is that of the markers.</param>
/// <param name="IsCommit">Commit or abort.</param>
/// <param name="CoordinatorEpoch">Leader epoch of the shard; partitions refuse markers of older ones.</param>
/// <param name="TransactionVersion">From 2 on, partitions refuse a marker whose epoch is not above that of the records (KIP-1228).</param>
/// <param name="DecidedMs">When it was decided, Unix milliseconds: tells transactions of one epoch apart.</param>
/// <param name="Partitions">Where the transaction may have records.</param>
public sealed record WriteMarkers(
    ProducerClaim Producer, bool IsCommit, int CoordinatorEpoch, short TransactionVersion, long DecidedMs, IReadOnlyList<TopicPartition> Partitions) : ShardEffect;
