namespace KafkaCompatBroker.Protocol.Records;

/// <summary>One record, read in place. Valid until its reader moves on.</summary>
public readonly ref struct RecordView
{
    private readonly bool _hasKey;
    private readonly bool _hasValue;

    internal RecordView(
        long offset, long timestamp, int sequence, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value)
    {
        Offset = offset;
        TimestampMs = timestamp;
        Sequence = sequence;
        _hasKey = hasKey;
        _hasValue = hasValue;
        Key = key;
        Value = value;
    }

    /// <summary>Offset in the partition.</summary>
    public long Offset { get; }

    /// <summary>ms since the epoch, the append time if the batch has that; -1 for none.</summary>
    public long TimestampMs { get; }

    /// <summary>Producer sequence number; -1 for none.</summary>
    public int Sequence { get; }

    /// <summary>False when the key is null, which is not the same as empty.</summary>
    public bool HasKey => _hasKey;

    /// <summary>The key; empty when null.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>False when the value is null: a tombstone on a compacted topic.</summary>
    public bool HasValue => _hasValue;

    /// <summary>The value; empty when null.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>How many headers there are; none for magic 0 and 1.</summary>
    public int HeaderCount { get; internal init; }

    /// <summary>Bytes that the record takes before compression, its length included.</summary>
    public int SizeInBytes { get; internal init; }

    /// <summary>The headers in their order.</summary>
    public RecordHeaderEnumerator Headers => new(HeaderBytes, HeaderCount);

    /// <summary>Key, value and headers with their lengths as in a record of magic 2; empty for magic 0 and 1.</summary>
    internal ReadOnlySpan<byte> Tail { get; init; }

    internal ReadOnlySpan<byte> HeaderBytes { get; init; }
}
