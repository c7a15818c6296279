using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Checks every record of a produced batch in one pass over its bytes, without copying keys or values.</summary>
internal ref struct RecordScan(RecordBatchView batch, ValidationRules rules, long nowMs)
{
    private readonly RecordBatchView _batch = batch;
    private readonly bool _checksTimestamps = rules.TimestampType == TimestampType.CreateTime;
    private readonly bool _isCompacted = rules.IsCompacted;
    private readonly int _recordBytesMax = batch.Codec == CompressionType.None ? int.MaxValue : rules.ExpandedRecordBytesMax;
    private readonly long _baseTimestamp = batch.BaseTimestamp;
    private readonly long _appendTime = batch.MaxTimestamp;
    private readonly bool _hasAppendTime = batch.TimestampType == TimestampType.LogAppendTime;
    private readonly long _earliestMs = Saturate((Int128)nowMs - rules.TimestampBeforeMaxMs);
    private readonly long _latestMs = Saturate((Int128)nowMs + rules.TimestampAfterMaxMs);
    private List<RecordError>? _errors;
    private bool _hasTimestampError;

    /// <summary>Largest timestamp of the records, ms since the epoch; -1 for none.</summary>
    internal long MaxTimestampMs { get; private set; } = -1;

    /// <summary>Null if all records are good.</summary>
    /// <exception cref="RecordFormatException">The records are malformed.</exception>
    internal BatchRejection? Run()
    {
        long expandedBytesMax = RecordLimits.ExpandedBytesMaxOfProduce(rules.BatchBytesMax);
        var stream = new RecordStream(_batch.RecordBytes, _batch.Codec, _batch.Magic, expandedBytesMax);
        try
        {
            int count = _batch.RecordCount;
            for (int index = 0; index < count; index++)
                Check(ref stream, index);
            if (!stream.IsAtEnd())
                throw new RecordFormatException($"Bytes follow the {count} records that the batch says it has.");
        }
        finally
        {
            stream.Dispose();
        }

        return _errors is null ? null : Reject(_errors);
    }

    private static long Saturate(Int128 value) =>
        value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;

    private void Check(scoped ref RecordStream stream, int index)
    {
        int size = RecordShape.ReadSize(ref stream);
        if (size > _recordBytesMax)
            throw new RecordFormatException($"Record {index} has {size} bytes, above the {_recordBytesMax} that the topic takes.");
        RecordShape.Read(ref stream, size, out var shape);
        if (shape.OffsetDelta != index)
            throw new RecordFormatException($"Record {index} has the relative offset {shape.OffsetDelta}.");
        if (shape.KeyLength < -1 || shape.ValueLength < -1)
            throw new RecordFormatException($"Record {index} has a key or value of negative length.");

        long timestamp = _hasAppendTime ? _appendTime : _baseTimestamp + shape.TimestampDelta;
        MaxTimestampMs = Math.Max(MaxTimestampMs, timestamp);
        if (_isCompacted && shape.KeyLength < 0)
            Add(index, "A compacted topic takes no record without a key.");
        else if (_checksTimestamps && timestamp != -1)
            CheckTimestamp(index, timestamp);
        else if (_hasAppendTime)
            AddTimestamp(index, "The leader sets the append time, a producer cannot.");
    }

    private void CheckTimestamp(int index, long timestamp)
    {
        if (timestamp < _earliestMs || timestamp > _latestMs)
            AddTimestamp(index, $"The timestamp {timestamp} is not between {_earliestMs} and {_latestMs}, which the topic takes.");
    }

    private void AddTimestamp(int index, string message)
    {
        _hasTimestampError = true;
        Add(index, message);
    }

    private void Add(int index, string message)
    {
        _errors ??= [];
        if (_errors.Count < RecordLimits.RecordErrorsMax)
            _errors.Add(new RecordError(index, message));
    }

    private readonly BatchRejection Reject(List<RecordError> errors)
    {
        // Clients compare the text for timestamps; the records that it means are in the record errors.
        string message = _hasTimestampError
            ? "One or more records have been rejected due to invalid timestamp"
            : $"{errors.Count} of {_batch.RecordCount} records are refused, the first: {errors[0].Message}";
        return new BatchRejection(_hasTimestampError ? ErrorCode.InvalidTimestamp : ErrorCode.InvalidRecord, message)
        {
            ErrorMessage = message,
            RecordErrors = errors,
        };
    }
}
