using System.Buffers;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage;

/// <summary>Sees every whole, undamaged batch of a file in turn.</summary>
internal delegate void BatchVisitor(in RecordBatchView batch, int position);

/// <summary>Reads a segment file from front to back through a buffer (a damaged disk then gives an error, where a mapping would end the process).</summary>
internal static class BatchScanner
{
    private const int BufferBytes = 1024 * 1024;

    /// <summary>
    /// Visits batches from <paramref name="position"/> on until the end of the file or the first that is incomplete, damaged, or out of order with
    /// what is before it. Returns the position after the last good one.
    /// </summary>
    public static int Scan(ISegmentFile file, int position, long nextOffset, long offsetLimit, BatchVisitor visit)
    {
        int length = file.FileLength;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferBytes, Math.Max(length - (long)position, 1)));
        int filled = 0;
        int bufferPosition = position;
        int epoch = -1;
        try
        {
            while (true)
            {
                filled += file.ReadInto(bufferPosition + filled, buffer.AsSpan(filled, Math.Min(buffer.Length - filled, length - bufferPosition - filled)));
                int consumed = 0;
                RecordBatchStatus status;
                while ((status = RecordBatchView.TryRead(buffer.AsSpan(consumed, filled - consumed), out RecordBatchView batch)) == RecordBatchStatus.Ok)
                {
                    if (!IsGood(batch, nextOffset, offsetLimit, epoch))
                    {
                        return bufferPosition + consumed;
                    }

                    visit(batch, bufferPosition + consumed);
                    nextOffset = batch.NextOffset;
                    epoch = Math.Max(epoch, batch.PartitionLeaderEpoch);
                    consumed += batch.SizeInBytes;
                }

                if (status == RecordBatchStatus.Corrupt || bufferPosition + filled >= length)
                {
                    return bufferPosition + consumed;
                }

                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
                bufferPosition += consumed;
                buffer = consumed == 0 && filled == buffer.Length ? Grow(buffer, filled, length - bufferPosition) : buffer;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsGood(in RecordBatchView batch, long nextOffset, long offsetLimit, int epoch)
        => batch.BaseOffset >= nextOffset
            && batch.LastOffset >= batch.BaseOffset
            && batch.LastOffset <= offsetLimit
            && (batch.PartitionLeaderEpoch < 0 || batch.PartitionLeaderEpoch >= epoch)
            && batch.IsCrcValid();

    // A batch that is larger than the buffer: no larger than the file, whatever its length field says.
    private static byte[] Grow(byte[] buffer, int filled, int remaining)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(buffer.Length * 2L, BufferBytes), Math.Max(remaining, buffer.Length + 1)));
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
