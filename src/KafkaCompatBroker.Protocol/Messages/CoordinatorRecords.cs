using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Messages;

/// <summary>The internal logs whose records have a typed key and a versioned value.</summary>
public enum CoordinatorLog
{
    /// <summary>__consumer_offsets.</summary>
    Group,

    /// <summary>__transaction_state.</summary>
    Transaction,

    /// <summary>__share_group_state.</summary>
    Share,
}

/// <summary>
/// Keys and values of the coordinators' logs. A key is a 16-bit record type and the key itself, a value a 16-bit version and the value.
/// </summary>
public static class CoordinatorRecords
{
    /// <summary>Record type of a key: its first two bytes.</summary>
    /// <exception cref="WireFormatException">The key is shorter.</exception>
    public static short ReadType(ReadOnlyMemory<byte> key)
    {
        var reader = new WireReader(key);
        return reader.ReadInt16();
    }

    /// <summary>Reads a key; null when its type is not known, which a loader steps over because a newer broker may have written it.</summary>
    /// <exception cref="WireFormatException">The bytes are not a key of their type.</exception>
    public static IMessage? ReadKey(CoordinatorLog log, ReadOnlyMemory<byte> key)
    {
        var reader = new WireReader(key);
        short type = reader.ReadInt16();
        return log switch
        {
            CoordinatorLog.Group => GroupRecordTypes.ReadKey(type, ref reader),
            CoordinatorLog.Transaction => TransactionRecordTypes.ReadKey(type, ref reader),
            _ => ShareRecordTypes.ReadKey(type, ref reader),
        };
    }

    /// <summary>Reads the value that belongs to a key of <paramref name="type"/>; null when the type is not known.</summary>
    /// <exception cref="WireFormatException">The bytes are not such a value in a known version.</exception>
    public static IMessage? ReadValue(CoordinatorLog log, short type, ReadOnlyMemory<byte> value)
    {
        var reader = new WireReader(value);
        short version = reader.ReadInt16();
        return log switch
        {
            CoordinatorLog.Group => GroupRecordTypes.ReadValue(type, ref reader, version),
            CoordinatorLog.Transaction => TransactionRecordTypes.ReadValue(type, ref reader, version),
            _ => ShareRecordTypes.ReadValue(type, ref reader, version),
        };
    }

    /// <summary>Makes a key with its type.</summary>
    /// <exception cref="ArgumentException">The message is not a key of this log.</exception>
    public static byte[] WriteKey(CoordinatorLog log, IMessage key)
    {
        short type = log switch
        {
            CoordinatorLog.Group => GroupRecordTypes.TypeOf(key),
            CoordinatorLog.Transaction => TransactionRecordTypes.TypeOf(key),
            _ => ShareRecordTypes.TypeOf(key),
        };
        if (type < 0)
        {
            throw new ArgumentException($"{key.GetType().Name} is not a key of the {log} log", nameof(key));
        }

        return Write(type, key, version: 0);
    }

    /// <summary>Makes a value with its version.</summary>
    public static byte[] WriteValue(IMessage value, short version) => Write(version, value, version);

    private static byte[] Write(short prefix, IMessage message, short version)
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt16(prefix);
        message.Write(buffer, version);
        return buffer.ToArray();
    }
}
