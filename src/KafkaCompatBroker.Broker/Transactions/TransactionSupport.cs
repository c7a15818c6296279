using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>What a client understands of KIP-890, which follows from the version of its request.</summary>
public enum TransactionSupport
{
    /// <summary>It adds partitions itself and does not know TRANSACTION_ABORTABLE: INVALID_TXN_STATE in its place.</summary>
    Plain,

    /// <summary>It adds partitions itself and knows TRANSACTION_ABORTABLE.</summary>
    Abortable,

    /// <summary>Its records add the partition to the transaction.</summary>
    AddsPartitions,
}

/// <summary>Puts the coordinator's refusals into the words of those who write records.</summary>
public static class TransactionSupports
{
    /// <summary>The error for a client that writes records of a transaction.</summary>
    public static ErrorCode Translate(this TransactionSupport support, ErrorCode error) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when support == TransactionSupport.Plain => ErrorCode.InvalidTxnState,
        _ => error,
    };

    /// <summary>Whether the coordinator could not be asked, or had no answer yet: the client should simply try again.</summary>
    public static bool IsPassing(ErrorCode error) => error is ErrorCode.ConcurrentTransactions
        or ErrorCode.NetworkException
        or ErrorCode.CoordinatorLoadInProgress
        or ErrorCode.CoordinatorNotAvailable
        or ErrorCode.NotCoordinator;
}
