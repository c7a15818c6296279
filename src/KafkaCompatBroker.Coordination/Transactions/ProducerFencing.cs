using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>What InitProducerId leads to.</summary>
public enum InitVerdict
{
    /// <summary>The next epoch.</summary>
    Bump,

    /// <summary>The request is the repetition of one that succeeded: the same answer again.</summary>
    Repeat,

    /// <summary>The epochs of the producer id are used up: a new id.</summary>
    NewProducerId,

    /// <summary>A transaction is open: it is aborted first.</summary>
    AbortFirst,

    /// <summary>The markers of the last transaction are being written.</summary>
    Wait,

    /// <summary>PRODUCER_FENCED.</summary>
    Fenced,
}

/// <summary>What EndTxn leads to.</summary>
public enum EndVerdict
{
    /// <summary>The transaction ends; what was open is decided now.</summary>
    End,

    /// <summary>It ended that way already.</summary>
    Repeat,

    /// <summary>The markers of the last transaction are being written.</summary>
    Wait,

    /// <summary>PRODUCER_FENCED.</summary>
    Fenced,

    /// <summary>INVALID_PRODUCER_ID_MAPPING.</summary>
    ForeignProducerId,

    /// <summary>INVALID_TXN_STATE.</summary>
    WrongState,
}

/// <summary>Which producer may do what with a transactional id: ids, epochs and their exhaustion.</summary>
public static class ProducerFencing
{
    /// <summary>The last epoch that a client gets: one more is left for fencing it.</summary>
    public const short LastUsableEpoch = short.MaxValue - 1;

    /// <summary>Whether a client with this epoch cannot be given the next one.</summary>
    public static bool IsExhausted(short epoch) => epoch >= LastUsableEpoch;

    /// <summary>Judges InitProducerId for a known transactional id.</summary>
    /// <param name="state">What is known of it.</param>
    /// <param name="expectedId">The producer's own id (KIP-360); -1 when it says none.</param>
    /// <param name="expectedEpoch">The producer's own epoch; of no meaning without an id.</param>
    public static InitVerdict Init(TransactionState state, long expectedId, short expectedEpoch)
    {
        // First of all: behind an exhausted epoch the producer may know a new id that counts only when the markers are written.
        if (state.IsPrepared)
            return InitVerdict.Wait;

        bool expects = expectedId != TransactionState.NoProducerId;
        bool ownsFormerId = expectedId == state.PreviousProducerId && IsExhausted(expectedEpoch);
        if (expects && expectedId != state.ProducerId && !ownsFormerId)
            return InitVerdict.Fenced;
        if (state.Status == TransactionStatus.Ongoing)
            return InitVerdict.AbortFirst;
        if (IsExhausted(state.ProducerEpoch) && (!expects || expectedEpoch == state.ProducerEpoch))
            return InitVerdict.NewProducerId;
        if (!expects || (expectedId == state.ProducerId && expectedEpoch == state.ProducerEpoch))
            return InitVerdict.Bump;
        return expectedEpoch == state.LastProducerEpoch ? InitVerdict.Repeat : InitVerdict.Fenced;
    }

    /// <summary>
    /// Judges EndTxn of a client that keeps its epoch (up to v4): the epoch must be the current one, so a retry cannot be told from a new request.
    /// </summary>
    public static EndVerdict EndWithoutBump(TransactionState state, in ProducerClaim claim, bool isCommit)
    {
        if (claim.ProducerId != state.ProducerId)
            return EndVerdict.ForeignProducerId;
        if (claim.ProducerEpoch != state.ProducerEpoch)
            return EndVerdict.Fenced;
        return state.Status switch
        {
            TransactionStatus.Ongoing => EndVerdict.End,
            TransactionStatus.PrepareCommit => isCommit ? EndVerdict.Wait : EndVerdict.WrongState,
            TransactionStatus.PrepareAbort => isCommit ? EndVerdict.WrongState : EndVerdict.Wait,
            TransactionStatus.CompleteCommit => isCommit ? EndVerdict.Repeat : EndVerdict.WrongState,
            TransactionStatus.CompleteAbort => isCommit ? EndVerdict.WrongState : EndVerdict.Repeat,
            _ => EndVerdict.WrongState,
        };
    }

    /// <summary>
    /// Judges EndTxn of a client whose epoch grows with every transaction (v5, KIP-890): the former epoch means a retry, the current one the next
    /// transaction, which may be empty when it is aborted.
    /// </summary>
    public static EndVerdict EndWithBump(TransactionState state, in ProducerClaim claim, bool isCommit)
    {
        if (state.IsPrepared)
            return EndVerdict.Wait;

        bool isEnded = state.Status is TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort;
        bool bumpsEpochs = state.ClientVersion >= TransactionState.EpochBumpVersion;
        bool isRetryOverNewId = isEnded && claim.ProducerId == state.PreviousProducerId && claim.ProducerId != state.ProducerId
            && claim.ProducerEpoch == LastUsableEpoch && state.ProducerEpoch == 0;
        bool isRetry = isRetryOverNewId || (isEnded && bumpsEpochs && claim.ProducerEpoch + 1 == state.ProducerEpoch);
        if (claim.ProducerId != state.ProducerId && !isRetryOverNewId)
            return EndVerdict.ForeignProducerId;
        if (claim.ProducerEpoch != state.ProducerEpoch && !isRetry)
            return EndVerdict.Fenced;
        if (state.Status == TransactionStatus.Ongoing)
            return EndVerdict.End;
        if (!isRetry)
            return isCommit ? EndVerdict.WrongState : EndVerdict.End;
        return state.Status == TransactionStatus.CompleteCommit == isCommit ? EndVerdict.Repeat : EndVerdict.WrongState;
    }

    /// <summary>The error of a refusal; none for what is no refusal.</summary>
    public static ErrorCode ErrorOf(EndVerdict verdict) => verdict switch
    {
        EndVerdict.Fenced => ErrorCode.ProducerFenced,
        EndVerdict.ForeignProducerId => ErrorCode.InvalidProducerIdMapping,
        EndVerdict.WrongState => ErrorCode.InvalidTxnState,
        EndVerdict.Wait => ErrorCode.ConcurrentTransactions,
        _ => ErrorCode.None,
    };
}
