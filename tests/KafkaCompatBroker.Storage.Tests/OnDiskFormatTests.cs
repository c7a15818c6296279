using System.Text.Json;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Index entries and snapshots byte for byte as Apache Kafka's classes write them.</summary>
public class OnDiskFormatTests
{
    [Fact]
    public void Aborted_transactions_have_Kafkas_bytes()
    {
        foreach ((JsonElement json, byte[] bytes) in Vectors("AbortedTxn"))
        {
            var transaction = new AbortedTransaction(
                Number(json, "producerId"), Number(json, "firstOffset"), Number(json, "lastOffset"), Number(json, "lastStableOffset"));
            var index = new TransactionIndex();
            index.Append(transaction);
            Assert.Equal(bytes, index.ToBytes()[2..]);
            Assert.Equal([0, 0], index.ToBytes()[..2]);
        }
    }

    [Fact]
    public void Producer_snapshots_are_read_as_Kafka_writes_them()
    {
        foreach ((JsonElement json, byte[] body) in Vectors("ProducerSnapshot"))
        {
            byte[] file = [0, 1, .. body];
            uint crc = Protocol.Records.Crc32C.Compute(file.AsSpan(6));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(2), crc);
            ProducerRecord[] records = ProducerSnapshot.Parse(file)!;
            var expected = json.GetProperty("producerEntries").EnumerateArray().Select(entry => new ProducerRecord(
                Number(entry, "producerId"),
                (short)Number(entry, "epoch"),
                (int)Number(entry, "lastSequence"),
                Number(entry, "lastOffset"),
                (int)Number(entry, "offsetDelta"),
                Number(entry, "timestamp"),
                (int)Number(entry, "coordinatorEpoch"),
                Number(entry, "currentTxnFirstOffset")));
            Assert.Equal(expected, records);
            file[^1] ^= 1;
            Assert.Null(ProducerSnapshot.Parse(file));
        }
    }

    [Fact]
    public void Index_entries_are_relative_offset_and_position_big_endian()
    {
        var offsets = new OffsetIndex(1_000);
        offsets.Append(1_005, 4_200);
        Assert.Equal("0000000500001068", Convert.ToHexString(offsets.ToBytes()));
        var times = new TimeIndex(1_000);
        times.Append(1_700_000_000_000, 1_005);
        Assert.Equal("0000018BCFE5680000000005", Convert.ToHexString(times.ToBytes()));
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static List<(JsonElement Json, byte[] Bytes)> Vectors(string name)
    {
        using Stream stream = typeof(OnDiskFormatTests).Assembly.GetManifestResourceStream("Golden.on-disk.jsonl")!;
        using var reader = new StreamReader(stream);
        var vectors = new List<(JsonElement, byte[])>();
        while (reader.ReadLine() is { } line)
        {
            JsonElement vector = JsonDocument.Parse(line).RootElement;
            if (vector.GetProperty("name").GetString() == name)
            {
                vectors.Add((vector.GetProperty("json"), Convert.FromHexString(vector.GetProperty("hex").GetString()!)));
            }
        }

        Assert.NotEmpty(vectors);
        return vectors;
    }
}
