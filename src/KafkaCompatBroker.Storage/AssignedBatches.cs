using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage;

/// <summary>Facts of batches that have their offsets already.</summary>
internal readonly record struct AssignedBatches(ErrorCode Error, string? Message, int SizeBytes, long FirstOffset, long LastOffset, long MaxTimestampMs)
{
    /// <summary>Checks checksums and order; a partial batch at the end does not count.</summary>
    public static AssignedBatches Of(ReadOnlySpan<byte> bytes, long logEndOffset)
    {
        int size = 0;
        long firstOffset = -1;
        long next = logEndOffset;
        long maxTimestampMs = -1;
        while (RecordBatchView.TryRead(bytes[size..], out RecordBatchView batch) is var status && status != RecordBatchStatus.NeedMoreBytes)
        {
            if (status == RecordBatchStatus.Corrupt || !batch.IsCrcValid())
            {
                return Refused(ErrorCode.CorruptMessage, "A batch of the leader is corrupt.");
            }

            if (batch.BaseOffset < next || batch.LastOffset < batch.BaseOffset)
            {
                return Refused(ErrorCode.OffsetOutOfRange, $"Offset {batch.BaseOffset} is below the next offset {next}.");
            }

            firstOffset = firstOffset < 0 ? batch.BaseOffset : firstOffset;
            next = batch.NextOffset;
            maxTimestampMs = Math.Max(maxTimestampMs, batch.MaxTimestamp);
            size += batch.SizeInBytes;
        }

        return new AssignedBatches(ErrorCode.None, null, size, firstOffset, next - 1, maxTimestampMs);
    }

    private static AssignedBatches Refused(ErrorCode error, string message) => new(error, message, 0, -1, -1, -1);
}
