using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>The value of a record of the metadata log: frame version 1, record type and record version as varints, then the message.</summary>
internal static class MetadataRecordFrame
{
    private const uint FrameVersion = 1;

    /// <summary>Encodes a record.</summary>
    /// <exception cref="ArgumentException">The message is no metadata record.</exception>
    public static byte[] Write(IMessage record, short version)
    {
        var type = MetadataRecordTypes.TypeOf(record);
        if (type < 0) throw new ArgumentException($"{record.GetType().Name} is no record of the metadata log.", nameof(record));
        using var buffer = new WireBuffer();
        buffer.WriteUnsignedVarint(FrameVersion);
        buffer.WriteUnsignedVarint((uint)type);
        buffer.WriteUnsignedVarint((uint)version);
        record.Write(buffer, version);
        return buffer.ToArray();
    }

    /// <summary>Decodes a record; it refers to <paramref name="value"/>.</summary>
    /// <exception cref="WireFormatException">The bytes are no metadata record that this release knows.</exception>
    public static IMessage Read(ReadOnlyMemory<byte> value)
    {
        var reader = new WireReader(value);
        var frameVersion = reader.ReadUnsignedVarint();
        if (frameVersion != FrameVersion) throw new WireFormatException($"Metadata record in frame version {frameVersion}; {FrameVersion} is known.");
        var type = reader.ReadUnsignedVarint();
        var version = reader.ReadUnsignedVarint();
        var highest = type <= short.MaxValue ? MetadataRecordTypes.HighestVersion((int)type) : (short)-1;
        if (highest < 0) throw new WireFormatException($"Metadata record of unknown type {type}.");
        if (version > (uint)highest) throw new WireFormatException($"Metadata record of type {type} in version {version}; {highest} is the highest known.");
        return MetadataRecordTypes.Read((int)type, ref reader, (short)version) ?? throw new WireFormatException($"Metadata record of unknown type {type}.");
    }
}
