namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// Iterates the records of a batch of any magic without allocating for each. Compressed batches are expanded in a bounded
/// window that grows to the largest record. Must be disposed.
/// </summary>
public ref struct RecordReader
{
    private readonly RecordBatchView _batch;
    private readonly int _count;
    private readonly bool _hasAppendTime;
    private LegacyRecordReader _legacy;
    private RecordStream _stream;
    private int _read;

    /// <summary>Starts at the first record. The checksum of the batch is the caller's matter.</summary>
    /// <param name="batch">The batch, whose bytes must stay until the reader is disposed.</param>
    /// <param name="expandedBytesMax">What a compressed batch may expand to.</param>
    /// <exception cref="RecordFormatException">The codec is not defined or the number of records negative.</exception>
    /// <exception cref="Compression.CodecUnavailableException">The codec needs a library that is not installed.</exception>
    public RecordReader(RecordBatchView batch, long expandedBytesMax = RecordLimits.ExpandedBytesMax)
    {
        _batch = batch;
        if (batch.Magic < 2)
        {
            _legacy = new LegacyRecordReader(batch, expandedBytesMax);
            return;
        }

        _count = batch.RecordCount;
        _hasAppendTime = batch.TimestampType == TimestampType.LogAppendTime;
        if (_count < 0)
            throw new RecordFormatException($"A batch cannot have {_count} records.");
        if (_count > 0)
            _stream = new RecordStream(batch.RecordBytes, batch.Codec, batch.Magic, expandedBytesMax);
    }

    /// <summary>The record that <see cref="MoveNext"/> came to; valid until the next call.</summary>
    public RecordView Current { get; private set; }

    /// <summary>Goes to the next record; false after the last, when nothing may follow it.</summary>
    /// <exception cref="RecordFormatException">The records are malformed or not as many as the header says.</exception>
    public bool MoveNext()
    {
        if (_batch.Magic < 2)
        {
            bool hasRecord = _legacy.MoveNext();
            Current = hasRecord ? _legacy.Current : default;
            return hasRecord;
        }

        if (_read == _count)
        {
            Current = default;
            if (_count > 0 && !_stream.IsAtEnd())
                throw new RecordFormatException($"Bytes follow the {_count} records that the batch says it has.");
            return false;
        }

        Current = ReadRecord();
        _read++;
        return true;
    }

    /// <summary>Gives buffers back.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _legacy.Dispose();
    }

    private RecordView ReadRecord()
    {
        long start = _stream.Position;
        int size = RecordShape.ReadSize(ref _stream);
        if (!_stream.TryHave(size))
            throw new RecordFormatException($"A record of {size} bytes does not fit into its batch.");

        var body = _stream.Available[..size];
        RecordShape.Read(ref _stream, size, out var shape);
        int baseSequence = _batch.BaseSequence;
        return new RecordView(
            _batch.BaseOffset + shape.OffsetDelta,
            _hasAppendTime ? _batch.MaxTimestamp : _batch.BaseTimestamp + shape.TimestampDelta,
            baseSequence >= 0 ? ProducerSequence.Add(baseSequence, shape.OffsetDelta) : -1,
            shape.KeyLength >= 0,
            body.Slice(shape.KeyStart, Math.Max(shape.KeyLength, 0)),
            shape.ValueLength >= 0,
            body.Slice(shape.ValueStart, Math.Max(shape.ValueLength, 0)))
        {
            HeaderCount = shape.HeaderCount,
            HeaderBytes = body[shape.HeadersStart..],
            SizeInBytes = (int)(_stream.Position - start),
            Tail = body[shape.TailStart..],
        };
    }
}
