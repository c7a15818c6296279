using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Sends one prebuilt batch again and again to one partition.</summary>
internal sealed class ProduceConnection(WireClient client, LoadOptions options, int index) : LoadConnection(client, options.Depth)
{
    private const short Version = 8;

    // correlation id, topic count, topic name length; the name and what follows come after.
    private readonly int _errorAt = 4 + 4 + 2 + options.Topic.Length + 4 + 4;

    protected override byte[] FirstFrame() => WireClient.Frame(
        new ProduceRequest
        {
            Acks = (short)options.Acks,
            TimeoutMs = 30_000,
            TopicData = [new() { Name = options.Topic, PartitionData = [new() { Index = index % options.Partitions, Records = Batch() }] }],
        },
        Version);

    protected override (int Records, int Bytes) OnAnswer(ReadOnlySpan<byte> answer)
    {
        var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer[_errorAt..]);
        return error == ErrorCode.None
            ? (options.BatchRecords, options.BatchRecords * options.RecordBytes)
            : throw new IOException($"produce failed: {error}");
    }

    private byte[] Batch()
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions(), (options.BatchRecords * (options.RecordBytes + 16)) + 100);
        byte[] value = new byte[options.RecordBytes];
        new Random(index).NextBytes(value);
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (int i = 0; i < options.BatchRecords; i++) builder.Append(nowMs, null, value);
        return builder.Build();
    }
}
