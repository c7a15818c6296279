using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>
/// State of a partition's producers at the offset that names the file (.snapshot, version 1): version, CRC-32C of what follows it, count, entries.
/// </summary>
public static class ProducerSnapshot
{
    private const short Version = 1;
    private const int CrcPosition = 2;
    private const int CountPosition = 6;
    private const int EntriesPosition = 10;
    private const int EntryBytes = 46;

    public static byte[] ToBytes(IReadOnlyCollection<ProducerEntry> producers)
    {
        var bytes = new byte[EntriesPosition + (producers.Count * EntryBytes)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, Version);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(CountPosition), producers.Count);
        int position = EntriesPosition;
        foreach (ProducerEntry producer in producers)
        {
            WriteEntry(bytes.AsSpan(position, EntryBytes), producer.ToRecord());
            position += EntryBytes;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CrcPosition), Crc32C.Compute(bytes.AsSpan(CountPosition)));
        return bytes;
    }

    public static void Write(IFileStore store, string path, IReadOnlyCollection<ProducerEntry> producers, bool durable)
        => store.Write(path, ToBytes(producers), durable);

    /// <summary>The entries, or null when the file is missing, torn or damaged.</summary>
    public static ProducerRecord[]? Read(IFileStore store, string path) => store.ReadAll(path) is { } bytes ? Parse(bytes) : null;

    public static ProducerRecord[]? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EntriesPosition || BinaryPrimitives.ReadInt16BigEndian(bytes) != Version)
        {
            return null;
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[CountPosition..]);
        if (count < 0
            || bytes.Length != EntriesPosition + ((long)count * EntryBytes)
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcPosition..]) != Crc32C.Compute(bytes[CountPosition..]))
        {
            return null;
        }

        var records = new ProducerRecord[count];
        for (int at = 0; at < count; at++)
        {
            records[at] = ReadEntry(bytes.Slice(EntriesPosition + (at * EntryBytes), EntryBytes));
        }

        return records;
    }

    private static void WriteEntry(Span<byte> entry, in ProducerRecord record)
    {
        BinaryPrimitives.WriteInt64BigEndian(entry, record.ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(entry[8..], record.ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(entry[10..], record.LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(entry[14..], record.LastOffset);
        BinaryPrimitives.WriteInt32BigEndian(entry[22..], record.OffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(entry[26..], record.TimestampMs);
        BinaryPrimitives.WriteInt32BigEndian(entry[34..], record.CoordinatorEpoch);
        BinaryPrimitives.WriteInt64BigEndian(entry[38..], record.TransactionFirstOffset);
    }

    private static ProducerRecord ReadEntry(ReadOnlySpan<byte> entry) => new(
        BinaryPrimitives.ReadInt64BigEndian(entry),
        BinaryPrimitives.ReadInt16BigEndian(entry[8..]),
        BinaryPrimitives.ReadInt32BigEndian(entry[10..]),
        BinaryPrimitives.ReadInt64BigEndian(entry[14..]),
        BinaryPrimitives.ReadInt32BigEndian(entry[22..]),
        BinaryPrimitives.ReadInt64BigEndian(entry[26..]),
        BinaryPrimitives.ReadInt32BigEndian(entry[34..]),
        BinaryPrimitives.ReadInt64BigEndian(entry[38..]));
}
