using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Makes a batch of magic 2 from records, and after <see cref="Restart"/> another one in the same memory. For one thread.</summary>
public sealed class RecordBatchBuilder
{
    private const int CompressionStep = 16 * 1024;

    private readonly GrowableBuffer _output;
    private RecordBatchOptions _options;
    private GrowableBuffer _records;
    private Compressor? _compressor;
    private long _compressedRecordBytes;
    private long _nextOffset;
    private long _baseTimestamp;
    private long _maxTimestamp;

    /// <summary>Begins a batch.</summary>
    /// <param name="options">What its header says.</param>
    /// <param name="capacity">How many bytes are expected, header included.</param>
    /// <exception cref="CodecUnavailableException">The codec needs a library that is not installed.</exception>
    public RecordBatchBuilder(RecordBatchOptions options, int capacity = 512)
    {
        _output = new GrowableBuffer(Math.Max(capacity, RecordBatchLayout.Records));
        _records = _output;
        _options = options;
        Start();
    }

    /// <summary>Records appended so far.</summary>
    public int RecordCount { get; private set; }

    /// <summary>Bytes of the batch so far, header included and before compression.</summary>
    public long SizeInBytes =>
        _compressor is null ? _output.Length : RecordBatchLayout.Records + _compressedRecordBytes + _records.Length;

    /// <summary>Bytes of memory that the builder keeps for the next batch.</summary>
    public int Capacity => _output.Capacity;

    /// <summary>Begins another batch; what <see cref="BuildInPlace"/> gave is no longer valid, and an unfinished batch is dropped.</summary>
    /// <param name="options">What its header says.</param>
    /// <exception cref="CodecUnavailableException">The codec needs a library that is not installed.</exception>
    public void Restart(RecordBatchOptions options)
    {
        _compressor?.Dispose();
        _compressor = null;
        _output.Clear();
        _options = options;
        Start();
    }

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

        var span = _records.GetSpan(bodySize + ZigZagVarint.LongestInt32);
        int position = WriteStart(span, bodySize, timestampMs, offsetDelta);
        position += Write(span[position..], key);
        position += Write(span[position..], value);
        position += ZigZagVarint.Write(span[position..], headers.Length);
        foreach (var header in headers)
        {
            position += Write(span[position..], header.Key);
            position += Write(span[position..], header.Value);
        }

        End(position);
    }

    /// <summary>
    /// Appends a record of another batch at <paramref name="offset"/>; key, value and headers stay byte for byte.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not above the last or too far from the first.</exception>
    public void AppendCopy(long offset, RecordView record)
    {
        int offsetDelta = Begin(offset, record.TimestampMs);
        bool hasTail = !record.Tail.IsEmpty;
        int tailSize = hasTail ? record.Tail.Length : SizeOf(record.HasKey, record.Key) + SizeOf(record.HasValue, record.Value) + 1;
        int bodySize = tailSize + 1 + ZigZagVarint.SizeOf(record.TimestampMs - _baseTimestamp) + ZigZagVarint.SizeOf(offsetDelta);
        var span = _records.GetSpan(bodySize + ZigZagVarint.LongestInt32);
        int position = WriteStart(span, bodySize, record.TimestampMs, offsetDelta);
        if (hasTail)
        {
            record.Tail.CopyTo(span[position..]);
            position += tailSize;
        }
        else
        {
            position += Write(span[position..], record.HasKey, record.Key);
            position += Write(span[position..], record.HasValue, record.Value);
            position += ZigZagVarint.Write(span[position..], 0);
        }

        End(position);
    }

    /// <summary>The batch. Of the builder only <see cref="Restart"/> may be used afterwards.</summary>
    /// <exception cref="InvalidOperationException">There is no record and no <see cref="RecordBatchOptions.LastOffset"/>.</exception>
    public byte[] Build() => BuildInPlace().ToArray();

    /// <summary>The batch in the builder's own memory, valid until <see cref="Restart"/>, which alone may be used afterwards.</summary>
    /// <exception cref="InvalidOperationException">There is no record and no <see cref="RecordBatchOptions.LastOffset"/>.</exception>
    public Memory<byte> BuildInPlace()
    {
        if (_compressor is not null)
        {
            Compress();
            _compressor.Finish();
            _compressor.Dispose();
            _compressor = null;
        }

        var batch = _output.Written;
        WriteHeader(batch);
        RecordBatchEdit.WriteCrc(batch);
        return _output.WrittenMemory;
    }

    private void Start()
    {
        _output.Advance(RecordBatchLayout.Records);
        _records = _output;
        if (_options.Codec != CompressionType.None)
        {
            _records = new GrowableBuffer(CompressionStep);
            _compressor = CompressionCodecs.For(_options.Codec).StartWriting(_output, _options.CompressionLevel);
        }

        RecordCount = 0;
        _compressedRecordBytes = 0;
        _nextOffset = _options.BaseOffset;
        _baseTimestamp = _options.DeleteHorizonMs ?? -1;
        _maxTimestamp = -1;
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

    private int WriteStart(Span<byte> span, int bodySize, long timestampMs, int offsetDelta)
    {
        int position = ZigZagVarint.Write(span, bodySize);
        span[position++] = 0;
        position += ZigZagVarint.Write(span[position..], timestampMs - _baseTimestamp);
        return position + ZigZagVarint.Write(span[position..], offsetDelta);
    }

    private void End(int size)
    {
        _records.Advance(size);
        if (_compressor is not null && _records.Length >= CompressionStep)
            Compress();
    }

    private void Compress()
    {
        _compressor!.Write(_records.Written);
        _compressedRecordBytes += _records.Length;
        _records.Clear();
    }

    private void WriteHeader(Span<byte> batch)
    {
        long lastOffset = _options.LastOffset ?? _nextOffset - 1;
        if (lastOffset < _options.BaseOffset || lastOffset < _nextOffset - 1)
            throw new InvalidOperationException("A batch must span the offsets of its records and at least one.");

        int attributes = (int)_options.Codec;
        attributes |= _options.TimestampType == TimestampType.LogAppendTime ? RecordBatchLayout.LogAppendTimeFlag : 0;
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

    private static int SizeOf(ReadOnlyMemory<byte>? bytes) => SizeOf(bytes.HasValue, bytes.GetValueOrDefault().Span);

    private static int SizeOf(bool present, ReadOnlySpan<byte> bytes) =>
        present ? ZigZagVarint.SizeOf(bytes.Length) + bytes.Length : 1;

    private static int Write(Span<byte> destination, ReadOnlyMemory<byte>? bytes) =>
        Write(destination, bytes.HasValue, bytes.GetValueOrDefault().Span);

    private static int Write(Span<byte> destination, bool present, ReadOnlySpan<byte> bytes)
    {
        if (!present)
            return ZigZagVarint.Write(destination, -1);
        int position = ZigZagVarint.Write(destination, bytes.Length);
        bytes.CopyTo(destination[position..]);
        return position + bytes.Length;
    }
}
