using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Shards;

/// <summary>One record of a coordinator's log (<c>__consumer_offsets</c>, <c>__transaction_state</c>).</summary>
/// <param name="Key">The key; its message type is the record's type.</param>
/// <param name="Value">The value; null is a tombstone.</param>
/// <param name="ValueVersion">Version in which the value is written; of no meaning in a tombstone.</param>
public readonly record struct CoordinatorRecord(IMessage Key, IMessage? Value, short ValueVersion = 0)
{
    /// <summary>A record that deletes the key.</summary>
    public static CoordinatorRecord Tombstone(IMessage key) => new(key, null);
}
