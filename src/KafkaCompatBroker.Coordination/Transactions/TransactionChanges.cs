using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>The changes that a transactional id may go through; each makes the next record of the log.</summary>
internal static class TransactionChanges
{
    /// <summary>A producer takes the id over, or goes on with a new epoch.</summary>
    public static TransactionState Initialized(
        TransactionState? state, InitVerdict verdict, InitProducerIdRequest request, long spareProducerId, long wallClockMs)
    {
        bool expects = request.ProducerId != TransactionState.NoProducerId;
        bool isNew = verdict == InitVerdict.NewProducerId;
        short former = state?.ProducerEpoch ?? TransactionState.NoProducerEpoch;
        return new TransactionState
        {
            TransactionalId = request.TransactionalId!,
            ProducerId = isNew ? spareProducerId : state!.ProducerId,
            PreviousProducerId = state?.ProducerId ?? spareProducerId,
            ProducerEpoch = isNew ? (short)0 : verdict == InitVerdict.Bump ? (short)(former + 1) : former,
            LastProducerEpoch = verdict == InitVerdict.Repeat ? state!.LastProducerEpoch : expects ? former : TransactionState.NoProducerEpoch,
            TimeoutMs = request.Enable2Pc ? TransactionState.TwoPhaseTimeoutMs : request.TransactionTimeoutMs,
            Status = TransactionStatus.Empty,
            UpdatedMs = wallClockMs,
            ClientVersion = state?.ClientVersion ?? 0,
        };
    }

    /// <summary>Partitions join; the first ones begin a transaction.</summary>
    public static TransactionState Extended(TransactionState state, IReadOnlyList<TopicPartition> partitions, short clientVersion, long wallClockMs) => state with
    {
        PreviousProducerId = state.ProducerId,
        Status = TransactionStatus.Ongoing,
        Partitions = [.. state.Partitions.Union(partitions)],
        StartedMs = state.Status == TransactionStatus.Ongoing ? state.StartedMs : wallClockMs,
        UpdatedMs = wallClockMs,
        ClientVersion = clientVersion,
    };

    /// <summary>The producer commits or aborts.</summary>
    public static TransactionState Ended(TransactionState state, bool isCommit, bool bumpsEpoch, long spareProducerId, long wallClockMs) => state with
    {
        PreviousProducerId = state.ProducerId,
        NextProducerId = bumpsEpoch && ProducerFencing.IsExhausted(state.ProducerEpoch) ? spareProducerId : TransactionState.NoProducerId,
        ProducerEpoch = (short)(bumpsEpoch ? state.ProducerEpoch + 1 : state.ProducerEpoch),
        Status = isCommit ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort,
        // The abort of an empty transaction has a beginning of its own.
        StartedMs = state.Status == TransactionStatus.Ongoing ? state.StartedMs : wallClockMs,
        UpdatedMs = wallClockMs,
        ClientVersion = bumpsEpoch ? TransactionState.EpochBumpVersion : (short)0,
    };

    /// <summary>The coordinator aborts; the epoch that the id gets is given to no producer.</summary>
    public static TransactionState Fenced(TransactionState state, short transactionVersion, long wallClockMs) => state with
    {
        PreviousProducerId = state.ProducerId,
        ProducerEpoch = (short)Math.Min(state.ProducerEpoch + 1, short.MaxValue),
        Status = TransactionStatus.PrepareAbort,
        UpdatedMs = wallClockMs,
        ClientVersion = transactionVersion,
    };

    /// <summary>Every partition has its marker.</summary>
    public static TransactionState Completed(TransactionState state, long wallClockMs) => state with
    {
        ProducerId = state.AfterEnd.ProducerId,
        PreviousProducerId = state.ProducerId,
        NextProducerId = TransactionState.NoProducerId,
        ProducerEpoch = state.AfterEnd.ProducerEpoch,
        Status = state.Status == TransactionStatus.PrepareCommit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort,
        Partitions = [],
        UpdatedMs = wallClockMs,
    };
}
