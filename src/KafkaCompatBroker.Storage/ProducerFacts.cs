using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage;

/// <summary>Takes what producer state needs out of a batch, and names its verdicts in the protocol's words.</summary>
internal static class ProducerFacts
{
    /// <param name="batch">A batch whose records were validated, or whose checksum is right.</param>
    /// <param name="baseOffset">Its offset in the log, which may not be in the batch yet.</param>
    /// <param name="appendTimeMs">Timestamp that the log gives it; -1 for its own.</param>
    public static ProducerBatch Of(in RecordBatchView batch, long baseOffset, long appendTimeMs)
    {
        EndMarker? marker = batch.IsControl && batch.HasProducerId ? MarkerOf(batch) : null;
        // Compaction leaves a marker without its record behind, of a transaction of which nothing else is left: it says nothing about its producer.
        bool isVoid = batch.IsControl && marker is null;
        return new ProducerBatch(
            isVoid ? -1 : batch.ProducerId,
            batch.ProducerEpoch,
            batch.BaseSequence,
            batch.LastSequence,
            baseOffset,
            baseOffset + batch.LastOffsetDelta,
            appendTimeMs >= 0 ? appendTimeMs : batch.MaxTimestamp,
            batch.IsTransactional,
            marker);
    }

    public static ErrorCode ErrorOf(ProducerVerdict verdict) => verdict switch
    {
        ProducerVerdict.Accepted or ProducerVerdict.Duplicate => ErrorCode.None,
        ProducerVerdict.OutOfOrderSequence => ErrorCode.OutOfOrderSequenceNumber,
        ProducerVerdict.StaleEpoch => ErrorCode.InvalidProducerEpoch,
        ProducerVerdict.NotTransactional or ProducerVerdict.NotVerified => ErrorCode.InvalidTxnState,
        ProducerVerdict.StaleCoordinator => ErrorCode.TransactionCoordinatorFenced,
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };

    private static EndMarker? MarkerOf(in RecordBatchView batch)
    {
        try
        {
            using var records = new RecordReader(batch);
            ControlRecordType? type = records.MoveNext() ? ControlRecords.ReadType(records.Current) : null;
            return type is ControlRecordType.Abort or ControlRecordType.Commit
                ? new EndMarker(type == ControlRecordType.Abort, ControlRecords.ReadCoordinatorEpoch(records.Current))
                : null;
        }
        catch (RecordFormatException)
        {
            // A control batch of a producer that is no marker changes nothing.
            return null;
        }
    }
}
