using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>
/// The transactional ids of one partition of <c>__transaction_state</c> (KIP-98, KIP-360, KIP-890). The outcome of a transaction is decided by the
/// record that prepares it; from then on it can only be completed, here or by the next coordinator. A request that comes before the markers
/// are written waits for them a little while, where Kafka would send the client away with CONCURRENT_TRANSACTIONS.
/// </summary>
/// <param name="coordinatorEpoch">Leader epoch of the partition; it is in every marker.</param>
/// <param name="settings">The properties in force.</param>
public sealed class TransactionShard(int coordinatorEpoch, Func<TransactionSettings> settings) : ICoordinatorShard
{
    private const int TombstonesPerStep = 500;
    private const int AbortRetryMs = 1000;
    private const int MarkerRetryMs = 5000;

    private readonly Dictionary<string, TransactionState> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, short> _formerEpochs = new(StringComparer.Ordinal);
    private readonly ParkedCommands _parked = new();
    private readonly TransactionDeadlines _deadlines = new();
    private readonly TransactionDeadlines _resends = new();
    private long _expiryCheckMs = long.MaxValue;
    private short _transactionVersion;

    /// <inheritdoc/>
    public long DeadlineMs => Math.Min(Math.Min(_parked.DeadlineMs, _expiryCheckMs), Math.Min(_deadlines.FirstMs, _resends.FirstMs));

    /// <summary>What is known of a transactional id; null for an unknown one.</summary>
    public TransactionState? Find(string transactionalId) => _states.GetValueOrDefault(transactionalId);

    /// <inheritdoc/>
    public void Apply(in CoordinatorRecord record, in RecordOrigin origin)
    {
        if (record.Key is not TransactionLogKey key)
            return;

        TransactionState? before = _states.GetValueOrDefault(key.TransactionalId);
        bool hasFormerEpoch = _formerEpochs.Remove(key.TransactionalId, out short formerEpoch);
        if (record.Value is not TransactionLogValue value)
        {
            _states.Remove(key.TransactionalId);
            return;
        }

        TransactionState state = TransactionState.Read(key, value);
        if (hasFormerEpoch)
            state = state with { LastProducerEpoch = formerEpoch };
        else if (before is not null && before.ProducerId == state.ProducerId && before.ProducerEpoch == state.ProducerEpoch)
            state = state with { LastProducerEpoch = before.LastProducerEpoch };
        _states[key.TransactionalId] = state;
        if (state.Status != TransactionStatus.Ongoing)
            _deadlines.Remove(key.TransactionalId);
        if (state.IsPrepared)
            return;

        _resends.Remove(key.TransactionalId);
        _parked.Free(key.TransactionalId);
    }

    /// <summary>No transaction is written to this log.</summary>
    public void ApplyMarker(long producerId, short producerEpoch, bool isCommit)
    {
    }

    /// <inheritdoc/>
    public void Loaded(ShardStep step, MetadataImage image)
    {
        _transactionVersion = image.Features.GetValueOrDefault(FeatureNames.Transaction);
        _expiryCheckMs = step.NowMs + settings().IdExpirationCheckMs;
        foreach (TransactionState state in _states.Values)
        {
            if (state.IsPrepared)
                WriteOut(step, state);
            else if (state is { Status: TransactionStatus.Ongoing, TimesOut: true })
                _deadlines.Set(state.TransactionalId, step.NowMs + Math.Max(settings().AbortIntervalMs, Math.Min(state.StartedMs + state.TimeoutMs - step.WallClockMs, state.TimeoutMs)));
        }
    }

    /// <inheritdoc/>
    public void MetadataChanged(ShardStep step, MetadataImage image, MetadataChanges changes) =>
        _transactionVersion = image.Features.GetValueOrDefault(FeatureNames.Transaction);

    /// <inheritdoc/>
    public void Tick(ShardStep step)
    {
        // One change of an id in a step: the next one has to see it applied.
        HashSet<string> touched = new(StringComparer.Ordinal);
        _parked.Run(step, touched);
        foreach (string transactionalId in _deadlines.TakeDue(step.NowMs))
        {
            if (!touched.Add(transactionalId))
                _deadlines.Set(transactionalId, step.NowMs);
            else if (_states.TryGetValue(transactionalId, out TransactionState? state) && state.Status == TransactionStatus.Ongoing)
                AbortAndFence(step, state);
        }

        foreach (string transactionalId in _resends.TakeDue(step.NowMs))
        {
            if (_states.TryGetValue(transactionalId, out TransactionState? state) && state.IsPrepared)
                WriteOut(step, state);
        }

        if (_expiryCheckMs <= step.NowMs)
            RemoveExpired(step, touched);
    }

    /// <inheritdoc/>
    public void Unload(ShardStep step) => _parked.RefuseAll(step, ErrorCode.NotCoordinator);

    /// <summary>
    /// InitProducerId with a transactional id. Errors: INVALID_REQUEST for an empty one, TRANSACTIONAL_ID_AUTHORIZATION_FAILED for two-phase commit
    /// where it is off, UNSUPPORTED_VERSION for keeping a prepared transaction, INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="request">The request.</param>
    /// <param name="spareProducerId">A producer id that nobody has; -1 at the first try.</param>
    /// <param name="reply">Who is answered.</param>
    public void InitProducerId(ShardStep step, InitProducerIdRequest request, long spareProducerId, Reply<ProducerAnswer> reply)
    {
        TransactionSettings now = settings();
        if (string.IsNullOrEmpty(request.TransactionalId))
            Answer(step, reply, ErrorCode.InvalidRequest);
        else if (request.Enable2Pc && !now.AllowsTwoPhaseCommit)
            Answer(step, reply, ErrorCode.TransactionalIdAuthorizationFailed);
        else if (request.KeepPreparedTxn)
            Answer(step, reply, ErrorCode.UnsupportedVersion);
        else if (request.TransactionTimeoutMs <= 0 || (request.TransactionTimeoutMs > now.MaxTimeoutMs && !request.Enable2Pc))
            Answer(step, reply, ErrorCode.InvalidTransactionTimeout);
        else
            InitProducerId(step, request, spareProducerId, reply, step.NowMs + now.ConcurrentWaitMs);
    }

    /// <summary>
    /// Adds partitions to the transaction of a producer, and begins it when none is open (AddPartitionsToTxn, AddOffsetsToTxn, and what Produce and
    /// TxnOffsetCommit do by themselves since KIP-890).
    /// Errors: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
    /// </summary>
    public void AddPartitions(
        ShardStep step, ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, short clientVersion, Reply<ProducerAnswer> reply) =>
        AddPartitions(step, claim, partitions, clientVersion, reply, step.NowMs + settings().ConcurrentWaitMs);

    /// <summary>
    /// Tells which partitions are part of the open transaction of a producer. Errors as for <see cref="AddPartitions(ShardStep, ProducerClaim, IReadOnlyList{TopicPartition}, short, Reply{ProducerAnswer})"/>.
    /// </summary>
    public void Verify(ShardStep step, ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, Reply<VerificationAnswer> reply) =>
        Verify(step, claim, partitions, reply, step.NowMs + settings().ConcurrentWaitMs);

    /// <summary>
    /// EndTxn. Errors: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="claim">Who asks.</param>
    /// <param name="isCommit">Commit or abort.</param>
    /// <param name="bumpsEpoch">The client takes a new epoch with every transaction (v5).</param>
    /// <param name="spareProducerId">A producer id that nobody has; -1 at the first try.</param>
    /// <param name="reply">Who is answered.</param>
    public void EndTransaction(ShardStep step, ProducerClaim claim, bool isCommit, bool bumpsEpoch, long spareProducerId, Reply<ProducerAnswer> reply) =>
        EndTransaction(step, claim, isCommit, bumpsEpoch, spareProducerId, reply, step.NowMs + settings().ConcurrentWaitMs);

    /// <summary>Every partition has its marker, or exists no longer. To be repeated while the answer is an error, unless that is NOT_COORDINATOR.</summary>
    public void MarkersWritten(ShardStep step, ProducerClaim producer, long decidedMs, Reply<ProducerAnswer> reply)
    {
        // A repetition must not complete the next transaction of the same epoch.
        if (_states.GetValueOrDefault(producer.TransactionalId) is { IsPrepared: true } state && state.Producer == producer && state.UpdatedMs == decidedMs)
            Write(step, TransactionChanges.Completed(state, step.WallClockMs));
        Answer(step, reply, ErrorCode.None);
    }

    /// <summary>DescribeTransactions, one id. Errors: INVALID_REQUEST, TRANSACTIONAL_ID_NOT_FOUND.</summary>
    public void Describe(ShardStep step, string transactionalId, Reply<DescribeTransactionsResponse.TransactionStateData> reply)
    {
        DescribeTransactionsResponse.TransactionStateData answer = new() { TransactionalId = transactionalId };
        if (transactionalId.Length == 0)
            answer.ErrorCode = ErrorCode.InvalidRequest;
        else if (_states.GetValueOrDefault(transactionalId) is not { } state)
            answer.ErrorCode = ErrorCode.TransactionalIdNotFound;
        else
            Fill(answer, state);
        step.Answer(reply, answer);
    }

    /// <summary>ListTransactions: those of this shard that pass the filter.</summary>
    public void List(ShardStep step, TransactionFilter filter, Reply<ListTransactionsResponse> reply) => step.Answer(reply, new ListTransactionsResponse
    {
        TransactionStates = [.. _states.Values.Where(state => filter.Passes(state, step.WallClockMs)).Select(static state =>
            new ListTransactionsResponse.TransactionStateData { TransactionalId = state.TransactionalId, ProducerId = state.ProducerId, TransactionState = state.Status.ToString() })],
    });

    private static void Fill(DescribeTransactionsResponse.TransactionStateData answer, TransactionState state)
    {
        answer.TransactionState = state.Status.ToString();
        answer.TransactionTimeoutMs = state.TimeoutMs;
        answer.TransactionStartTimeMs = state.StartedMs;
        answer.ProducerId = state.ProducerId;
        answer.ProducerEpoch = state.ProducerEpoch;
        answer.Topics = [.. state.Partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic =>
            new DescribeTransactionsResponse.TopicData { Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)] })];
    }

    private static void Answer(ShardStep step, Reply<ProducerAnswer> reply, ErrorCode error) => step.Answer(reply, new ProducerAnswer(error));

    private void InitProducerId(ShardStep step, InitProducerIdRequest request, long spareProducerId, Reply<ProducerAnswer> reply, long untilMs)
    {
        TransactionState? state = _states.GetValueOrDefault(request.TransactionalId!);
        InitVerdict verdict = state is null ? InitVerdict.NewProducerId : ProducerFencing.Init(state, request.ProducerId, request.ProducerEpoch);
        if (verdict == InitVerdict.AbortFirst)
            AbortAndFence(step, state!);
        if (verdict is InitVerdict.AbortFirst or InitVerdict.Wait)
        {
            Park(step, request.TransactionalId!, untilMs, later => InitProducerId(later, request, spareProducerId, reply, untilMs), (later, error) => Answer(later, reply, error));
            return;
        }

        if (verdict == InitVerdict.Fenced)
        {
            Answer(step, reply, ErrorCode.ProducerFenced);
            return;
        }

        if (verdict == InitVerdict.NewProducerId && spareProducerId < 0)
        {
            step.Answer(reply, ProducerAnswer.WithoutProducerId);
            return;
        }

        TransactionState next = TransactionChanges.Initialized(state, verdict, request, spareProducerId, step.WallClockMs);
        _formerEpochs[next.TransactionalId] = next.LastProducerEpoch;
        Write(step, next);
        step.Answer(reply, new ProducerAnswer(ErrorCode.None, next.ProducerId, next.ProducerEpoch));
    }

    private void AddPartitions(
        ShardStep step, ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, short clientVersion, Reply<ProducerAnswer> reply, long untilMs)
    {
        TransactionState? state = _states.GetValueOrDefault(claim.TransactionalId);
        if (state is { IsPrepared: true })
        {
            Park(step, claim.TransactionalId, untilMs, later => AddPartitions(later, claim, partitions, clientVersion, reply, untilMs), (later, error) => Answer(later, reply, error));
            return;
        }

        ErrorCode error = Check(state, claim);
        bool isOpen = state?.Status == TransactionStatus.Ongoing;
        if (error == ErrorCode.None && !(isOpen && partitions.All(state!.Contains)))
        {
            if (!isOpen && state!.TimesOut)
                _deadlines.Set(claim.TransactionalId, step.NowMs + state.TimeoutMs);
            Write(step, TransactionChanges.Extended(state!, partitions, clientVersion, step.WallClockMs));
        }

        Answer(step, reply, error);
    }

    private void Verify(ShardStep step, ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, Reply<VerificationAnswer> reply, long untilMs)
    {
        TransactionState? state = _states.GetValueOrDefault(claim.TransactionalId);
        ErrorCode error = Check(state, claim);
        if (error == ErrorCode.None && state!.IsPrepared)
        {
            Park(step, claim.TransactionalId, untilMs, later => Verify(later, claim, partitions, reply, untilMs), (later, refusal) => later.Answer(reply, new VerificationAnswer(refusal, [])));
            return;
        }

        step.Answer(reply, new VerificationAnswer(error, error == ErrorCode.None ? [.. partitions.Where(partition => !state!.Contains(partition))] : []));
    }

    private void EndTransaction(
        ShardStep step, ProducerClaim claim, bool isCommit, bool bumpsEpoch, long spareProducerId, Reply<ProducerAnswer> reply, long untilMs)
    {
        if (claim.TransactionalId.Length == 0 || _states.GetValueOrDefault(claim.TransactionalId) is not { } state)
        {
            Answer(step, reply, claim.TransactionalId.Length == 0 ? ErrorCode.InvalidRequest : ErrorCode.InvalidProducerIdMapping);
            return;
        }

        EndVerdict verdict = bumpsEpoch ? ProducerFencing.EndWithBump(state, claim, isCommit) : ProducerFencing.EndWithoutBump(state, claim, isCommit);
        switch (verdict)
        {
            case EndVerdict.Wait:
                Park(step, claim.TransactionalId, untilMs, later => EndTransaction(later, claim, isCommit, bumpsEpoch, spareProducerId, reply, untilMs), (later, error) => Answer(later, reply, error));
                break;
            case EndVerdict.Repeat:
                step.Answer(reply, new ProducerAnswer(ErrorCode.None, state.ProducerId, state.ProducerEpoch));
                break;
            case EndVerdict.End when bumpsEpoch && ProducerFencing.IsExhausted(state.ProducerEpoch) && spareProducerId < 0:
                step.Answer(reply, ProducerAnswer.WithoutProducerId);
                break;
            case EndVerdict.End:
                TransactionState prepared = TransactionChanges.Ended(state, isCommit, bumpsEpoch, spareProducerId, step.WallClockMs);
                Decide(step, prepared);
                step.Answer(reply, new ProducerAnswer(ErrorCode.None, prepared.AfterEnd.ProducerId, prepared.AfterEnd.ProducerEpoch));
                break;
            default:
                Answer(step, reply, ProducerFencing.ErrorOf(verdict));
                break;
        }
    }

    /// <summary>Aborts an open transaction on behalf of nobody: the epoch that it gets is given to no producer.</summary>
    private void AbortAndFence(ShardStep step, TransactionState state)
    {
        // Gone as soon as the abort is applied; stays when it cannot be appended.
        _deadlines.Set(state.TransactionalId, step.NowMs + AbortRetryMs);
        Decide(step, TransactionChanges.Fenced(state, _transactionVersion, step.WallClockMs));
    }

    private void Decide(ShardStep step, TransactionState prepared)
    {
        Write(step, prepared);
        if (prepared.Partitions.Count == 0)
            Write(step, TransactionChanges.Completed(prepared, step.WallClockMs));
        else
            WriteOut(step, prepared);
    }

    // Asked for again and again, since the shell forgets what could not be committed in time.
    private void WriteOut(ShardStep step, TransactionState state)
    {
        _resends.Set(state.TransactionalId, step.NowMs + MarkerRetryMs);
        step.Then(new WriteMarkers(
            state.Producer, state.Status == TransactionStatus.PrepareCommit, coordinatorEpoch, state.ClientVersion, state.UpdatedMs, state.Partitions));
    }

    private void Write(ShardStep step, TransactionState state) => step.Write(state.ToRecord(_transactionVersion));

    private void Park(ShardStep step, string transactionalId, long untilMs, Action<ShardStep> run, Action<ShardStep, ErrorCode> refuse)
    {
        if (step.NowMs >= untilMs)
            refuse(step, ErrorCode.ConcurrentTransactions);
        else
            _parked.Add(new ParkedCommand(transactionalId, untilMs, run, refuse));
    }

    private static ErrorCode Check(TransactionState? state, in ProducerClaim claim)
    {
        if (claim.TransactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        if (state is null || state.ProducerId != claim.ProducerId)
            return ErrorCode.InvalidProducerIdMapping;
        return state.ProducerEpoch == claim.ProducerEpoch ? ErrorCode.None : ErrorCode.ProducerFenced;
    }

    private void RemoveExpired(ShardStep step, HashSet<string> touched)
    {
        TransactionSettings now = settings();
        long newestMs = step.WallClockMs - now.IdExpirationMs;
        TransactionState[] expired = [.. _states.Values.Where(state => state.IsIdle && state.UpdatedMs <= newestMs && !touched.Contains(state.TransactionalId)).Take(TombstonesPerStep)];
        foreach (TransactionState state in expired)
            step.Write(CoordinatorRecord.Tombstone(new TransactionLogKey { TransactionalId = state.TransactionalId }));
        _expiryCheckMs = expired.Length < TombstonesPerStep ? step.NowMs + now.IdExpirationCheckMs : step.NowMs;
    }
}
