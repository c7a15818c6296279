using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Messages;

/// <summary>Values of the records of the metadata log: varints frame version, record type and record version, then the record.</summary>
public static class MetadataRecords
{
    private const uint FrameVersion = 1;

    /// <summary>Reads the value of one record. Its bytes are slices of <paramref name="frame"/>.</summary>
    /// <exception cref="WireFormatException">The bytes are not a record of a known type and version.</exception>
    public static IMessage Read(ReadOnlyMemory<byte> frame)
    {
        var reader = new WireReader(frame);
        uint frameVersion = reader.ReadUnsignedVarint();
        if (frameVersion != FrameVersion)
        {
            throw new WireFormatException($"metadata record with frame version {frameVersion}");
        }

        uint type = reader.ReadUnsignedVarint();
        uint version = reader.ReadUnsignedVarint();
        if (type > (uint)short.MaxValue || version > (uint)short.MaxValue)
        {
            throw new WireFormatException($"metadata record with type {type}, version {version}");
        }

        IMessage record = MetadataRecordTypes.Read((int)type, ref reader, (short)version)
            ?? throw new WireFormatException($"metadata record of unknown type {type}");
        return reader.Remaining == 0 ? record : throw new WireFormatException($"{reader.Remaining} bytes after metadata record {type}");
    }

    /// <summary>Makes the value of one record.</summary>
    /// <exception cref="ArgumentException">The message is not a metadata record.</exception>
    public static byte[] Write(IMessage record, short version)
    {
        using var buffer = new WireBuffer();
        Write(buffer, record, version);
        return buffer.ToArray();
    }

    /// <summary>Appends the value of one record.</summary>
    /// <exception cref="ArgumentException">The message is not a metadata record.</exception>
    public static void Write(WireBuffer buffer, IMessage record, short version)
    {
        buffer.WriteUnsignedVarint(FrameVersion);
        buffer.WriteUnsignedVarint((uint)RequireType(record));
        buffer.WriteUnsignedVarint((uint)version);
        record.Write(buffer, version);
    }

    /// <summary>Bytes of the value that <see cref="Write(IMessage, short)"/> makes.</summary>
    /// <exception cref="ArgumentException">The message is not a metadata record.</exception>
    public static int Size(IMessage record, short version) =>
        1 + WireSize.UnsignedVarint(RequireType(record)) + WireSize.UnsignedVarint(version) + record.Size(version);

    private static short RequireType(IMessage record)
    {
        short type = MetadataRecordTypes.TypeOf(record);
        return type >= 0 ? type : throw new ArgumentException($"{record.GetType().Name} is not a metadata record", nameof(record));
    }
}
