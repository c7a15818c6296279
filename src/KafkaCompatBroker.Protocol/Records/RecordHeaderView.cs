namespace KafkaCompatBroker.Protocol.Records;

/// <summary>One header of a record, read in place.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value)
    {
        Key = key;
        HasValue = hasValue;
        Value = value;
    }

    /// <summary>The key, UTF-8 by agreement; nobody checks it.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>False when the value is null.</summary>
    public bool HasValue { get; }

    /// <summary>The value; empty when null.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
