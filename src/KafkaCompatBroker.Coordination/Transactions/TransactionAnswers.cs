using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>What a producer is told.</summary>
/// <param name="Error">The error, or none.</param>
/// <param name="ProducerId">Id to use from now on; -1 with an error, or where the request asks for none.</param>
/// <param name="ProducerEpoch">Epoch to use from now on; -1 likewise.</param>
public sealed record ProducerAnswer(ErrorCode Error, long ProducerId = TransactionState.NoProducerId, short ProducerEpoch = TransactionState.NoProducerEpoch)
{
    /// <summary>Nothing was done: the command has to come again with a new producer id in hand.</summary>
    public bool NeedsProducerId { get; init; }

    /// <summary>See <see cref="NeedsProducerId"/>.</summary>
    public static ProducerAnswer WithoutProducerId { get; } = new(ErrorCode.None) { NeedsProducerId = true };
}

/// <summary>Which partitions are part of the open transaction.</summary>
/// <param name="Error">Refusal of the whole; none when each partition has its own answer.</param>
/// <param name="Missing">Partitions that are not part of it: TRANSACTION_ABORTABLE.</param>
public sealed record VerificationAnswer(ErrorCode Error, IReadOnlyCollection<TopicPartition> Missing);
