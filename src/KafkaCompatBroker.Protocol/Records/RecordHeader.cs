using System.Text;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>A header of a record to be written (KIP-82).</summary>
/// <param name="Key">UTF-8 text; the same key may occur more than once.</param>
/// <param name="Value">Any bytes, or null.</param>
public readonly record struct RecordHeader(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>A header with a textual key.</summary>
    public RecordHeader(string key, ReadOnlyMemory<byte>? value)
        : this(Encoding.UTF8.GetBytes(key), value)
    {
    }
}
