using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>Walks the batch headers of consecutive bytes of a segment, without looking at records or checksums.</summary>
internal ref struct BatchCursor(ReadOnlySpan<byte> bytes, int position)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Position of <see cref="Current"/> in the segment.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Where the next batch begins.</summary>
    public int NextPosition { get; private set; } = position;

    public RecordBatchView Current { get; private set; }

    private readonly int _origin = position;

    /// <summary>False at the end of the bytes, and where no whole batch begins.</summary>
    public bool MoveNext()
    {
        if (RecordBatchView.TryRead(_bytes[(NextPosition - _origin)..], out RecordBatchView batch) != RecordBatchStatus.Ok)
        {
            return false;
        }

        Current = batch;
        Position = NextPosition;
        NextPosition += batch.SizeInBytes;
        return true;
    }
}
