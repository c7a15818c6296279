using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Makes one batch of magic 2 from records. For one thread and one batch.</summary>
public sealed class RecordBatchBuilder
{
    private readonly RecordBatchOptions _options;
    private readonly GrowableBuffer _output;
    private long _nextOffset;
    private long _baseTimestamp;
    private long _maxTimestamp = -1;

    /// <summary>Begins a batch.</summary>
    /// <param name="options">What its header says.</param>
    /// <param name="capacity">How many bytes are expected, header included.</param>
    public RecordBatchBuilder(RecordBatchOptions options, int capacity = 512)
    {
        _options = options;
        _output = new GrowableBuffer(Math.Max(capacity, RecordBatchLayout.Records));
        _output.Advance(RecordBatchLayout.Records);
        _nextOffset = options.BaseOffset;
        _baseTimestamp = options.DeleteHorizonMs ?? -1;
    }

    /// <summary>Records appended so far.</summary>
    public int RecordCount { get; private set; }

    /// <summary>Bytes of the batch so far, header included and before compression.</summary>
    public int SizeInBytes => _output.Length;

    /// <summary>Appends a record at the offset after the last one.</summary>
    /// <param name="timestampMs">ms since the epoch, -1 for none.</param>
    /// <param name="key">Its key, or null.</param>
    /// <param name="value">Its value, or null (a tombstone).</param>
    /// <param name="headers">Its headers.</param>
    public void Append(long timestampMs, byte[]? key, byte[]? value, ReadOnlySpan<RecordHeader> headers = default) =>
        AppendAt(_nextOffset, timestampMs, Nullable(key), Nullable(value), headers);

    /// <inheritdoc cref="Append(long, byte[], byte[], ReadOnlySpan{RecordHeader})"/>
    public void Append(
        long timestampMs,
        ReadOnlyMemory<byte>? key,
        ReadOnlyMemory<byte>? value,
        ReadOnlySpan<RecordHeader> headers = default) =>
        AppendAt(_nextOffset, timestampMs, key, value, headers);

    /// <summary>
    /// Appends a record at <paramref name="offset"/>, which must be above that of the last one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not above the last or too far from the first.</exception>
    public void AppendAt(
        long offset,
        long timestampMs,
        ReadOnlyMemory<byte>? key,
        ReadOnlyMemory<byte>? value,
        ReadOnlySpan<RecordHeader> headers = default)
    {
        int offsetDelta = Begin(offset, timestampMs);
        int bodySize = 1 + ZigZagVarint.SizeOf(timestampMs - _baseTimestamp) + ZigZagVarint.SizeOf(offsetDelta)
            + SizeOf(key) + SizeOf(value) + ZigZagVarint.SizeOf(headers.Length);
        foreach (var header in headers)
            bodySize += SizeOf(header.Key) + SizeOf(header.Value);

        var span = _output.GetSpan(bodySize + ZigZagVarint.LongestInt32);
        int position = ZigZagVarint.Write(span, bodySize);
        span[position++] = 0;
        position += ZigZagVarint.Write(span[position..], timestampMs - _baseTimestamp);
        position += ZigZagVarint.Write(span[position..], offsetDelta);
        position += Write(span[position..], key);
        position += Write(span[position..], value);
        position += ZigZagVarint.Write(span[position..], headers.Length);
        foreach (var header in headers)
        {
            position += Write(span[position..], header.Key);
            position += Write(span[position..], header.Value);
        }

        _output.Advance(position);
    }

    /// <summary>The batch. The builder is not to be used afterwards.</summary>
    /// <exception cref="InvalidOperationException">There is no record and no <see cref="RecordBatchOptions.LastOffset"/>.</exception>
    public byte[] Build()
    {
        var batch = _output.Written;
        WriteHeader(batch);
        RecordBatchEdit.WriteCrc(batch);
        return batch.ToArray();
    }

    private int Begin(long offset, long timestampMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, _nextOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset - _options.BaseOffset, int.MaxValue);
        if (RecordCount == 0 && _options.DeleteHorizonMs is null)
            _baseTimestamp = timestampMs;
        _maxTimestamp = Math.Max(_maxTimestamp, timestampMs);
        _nextOffset = offset + 1;
        RecordCount++;
        return (int)(offset - _options.BaseOffset);
    }

    private void WriteHeader(Span<byte> batch)
    {
        long lastOffset = _options.LastOffset ?? _nextOffset - 1;
        if (lastOffset < _options.BaseOffset || lastOffset < _nextOffset - 1)
            throw new InvalidOperationException("A batch must span the offsets of its records and at least one.");

        int attributes = _options.TimestampType == TimestampType.LogAppendTime ? RecordBatchLayout.LogAppendTimeFlag : 0;
        attributes |= _options.IsTransactional ? RecordBatchLayout.TransactionalFlag : 0;
        attributes |= _options.IsControl ? RecordBatchLayout.ControlFlag : 0;
        attributes |= _options.DeleteHorizonMs.HasValue ? RecordBatchLayout.DeleteHorizonFlag : 0;
        long maxTimestamp = _options.TimestampType == TimestampType.LogAppendTime ? _options.LogAppendTimeMs : _maxTimestamp;

        RecordBatchEdit.SetBaseOffset(batch, _options.BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchLayout.Length..], batch.Length - RecordBatchLayout.Overhead);
        RecordBatchEdit.SetPartitionLeaderEpoch(batch, _options.PartitionLeaderEpoch);
        batch[RecordBatchLayout.Magic] = 2;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchLayout.Attributes..], (short)attributes);
        BinaryPrimitives.WriteInt32BigEndian(
            batch[RecordBatchLayout.LastOffsetDelta..], checked((int)(lastOffset - _options.BaseOffset)));
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.BaseTimestamp..], _baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.MaxTimestamp..], maxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.ProducerId..], _options.ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchLayout.ProducerEpoch..], _options.ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchLayout.BaseSequence..], _options.BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchLayout.RecordCount..], RecordCount);
    }

    private static ReadOnlyMemory<byte>? Nullable(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes.AsMemory();

    private static int SizeOf(ReadOnlyMemory<byte>? bytes) =>
        bytes is { } present ? ZigZagVarint.SizeOf(present.Length) + present.Length : 1;

    private static int Write(Span<byte> destination, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } present)
            return ZigZagVarint.Write(destination, -1);
        int position = ZigZagVarint.Write(destination, present.Length);
        present.Span.CopyTo(destination[position..]);
        return position + present.Length;
    }
}
