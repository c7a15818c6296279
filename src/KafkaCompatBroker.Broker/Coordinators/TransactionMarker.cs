namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>The end of a transaction in one partition.</summary>
/// <param name="ProducerId">The producer.</param>
/// <param name="ProducerEpoch">Its epoch; an older one than the log knows is refused with INVALID_PRODUCER_EPOCH.</param>
/// <param name="CoordinatorEpoch">Leader epoch of the transaction's coordinator; an older one is refused with TRANSACTION_COORDINATOR_FENCED.</param>
/// <param name="IsCommit">False aborts.</param>
/// <param name="TransactionVersion">From 2 on its epoch must be above that of the records (KIP-1228), else INVALID_PRODUCER_EPOCH.</param>
public readonly record struct TransactionMarker(long ProducerId, short ProducerEpoch, int CoordinatorEpoch, bool IsCommit, short TransactionVersion = 0);
