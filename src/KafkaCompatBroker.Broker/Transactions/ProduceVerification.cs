using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>
/// The partitions of one Produce request on which a transaction would begin: before anything is appended, their coordinator says that it knows of them.
/// </summary>
public sealed class ProduceVerification(string transactionalId, TransactionSupport support)
{
    private readonly Dictionary<Partition, (VerificationGuard Guard, ErrorCode Error)> _partitions = [];
    private ProducerClaim _claim = new(transactionalId, TransactionState.NoProducerId, TransactionState.NoProducerEpoch);

    /// <summary>Whether nobody has to be asked.</summary>
    public bool IsEmpty => _partitions.Count == 0;

    /// <summary>Looks at the records for a partition.</summary>
    public void Add(Partition partition, ReadOnlyMemory<byte> records, long nowMs)
    {
        bool mustAsk = support == TransactionSupport.AddsPartitions || partition.Log.Config.VerifiesTransactions;
        if (!mustAsk || RecordBatchView.TryRead(records.Span, out RecordBatchView batch) != RecordBatchStatus.Ok || !batch.IsTransactional)
            return;

        if (partition.Log.Producers.BeginVerification(batch.ProducerId, batch.ProducerEpoch, batch.BaseSequence, support == TransactionSupport.AddsPartitions, nowMs) is not { } guard)
            return;

        ErrorCode error = ErrorCode.None;
        if (_partitions.Count == 0)
            _claim = _claim with { ProducerId = batch.ProducerId, ProducerEpoch = batch.ProducerEpoch };
        else if (_claim.ProducerId != batch.ProducerId || _claim.ProducerEpoch != batch.ProducerEpoch)
            error = ErrorCode.InvalidProducerIdMapping;
        _partitions[partition] = (guard, error);
    }

    /// <summary>Asks the coordinator.</summary>
    public async Task AskAsync(TransactionVerifier verifier, CancellationToken token)
    {
        Partition[] asked = [.. _partitions.Where(static pair => pair.Value.Error == ErrorCode.None).Select(static pair => pair.Key)];
        ErrorCode[] answers = await verifier.AskAsync(_claim, [.. asked.Select(static partition => partition.Name)], support, token).ConfigureAwait(false);
        for (int i = 0; i < asked.Length; i++)
            _partitions[asked[i]] = (_partitions[asked[i]].Guard, support.Translate(answers[i]));
    }

    /// <summary>The guard under which to append; the error, with a text, when the coordinator refused.</summary>
    public ErrorCode Check(Partition partition, out VerificationGuard? guard, out string? message)
    {
        bool isAsked = _partitions.TryGetValue(partition, out (VerificationGuard Guard, ErrorCode Error) found);
        guard = isAsked ? found.Guard : null;
        bool isPassing = TransactionSupports.IsPassing(found.Error);
        message = isPassing ? $"The transaction cannot be verified: {found.Error.Message()}"
            : found.Error == ErrorCode.InvalidTxnState ? "The partition was not added to the transaction."
            : null;
        return isPassing ? ErrorCode.NotEnoughReplicas : found.Error;
    }
}
