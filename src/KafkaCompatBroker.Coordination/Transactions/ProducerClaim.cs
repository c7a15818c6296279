namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>Who a producer says it is.</summary>
/// <param name="TransactionalId">Its transactional id.</param>
/// <param name="ProducerId">The id that the coordinator gave it.</param>
/// <param name="ProducerEpoch">The epoch that the coordinator gave it.</param>
public readonly record struct ProducerClaim(string TransactionalId, long ProducerId, short ProducerEpoch);
