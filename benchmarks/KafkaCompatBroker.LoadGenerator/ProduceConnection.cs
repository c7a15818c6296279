using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Sends one prebuilt batch again and again to one partition; an idempotent producer numbers each.</summary>
internal sealed class ProduceConnection(WireClient client, LoadOptions options, int index) : LoadConnection(client, options.Depth)
{
    private const short Version = 8;
    private const short InitVersion = 3;
    private const int BatchCrcAt = 17;
    private const int BatchCrcFromAt = 21;
    private const int BatchSequenceAt = 53;

    // correlation id, topic count, topic name length; the name and what follows come after.
    private readonly int _errorAt = 4 + 4 + 2 + options.Topic.Length + 4 + 4;
    private readonly InitProducerIdResponse? _producer = options.IsIdempotent
        ? client.Ask<InitProducerIdRequest, InitProducerIdResponse>(new InitProducerIdRequest { ProducerId = -1, ProducerEpoch = -1 }, InitVersion)
        : null;

    private int _batchAt;
    private int _sequence;

    protected override bool SendsOneByOne => options.IsIdempotent;

    protected override byte[] FirstFrame()
    {
        byte[] batch = Batch();
        byte[] frame = WireClient.Frame(
            new ProduceRequest
            {
                Acks = (short)options.Acks,
                TimeoutMs = 30_000,
                TopicData = [new() { Name = options.Topic, PartitionData = [new() { Index = index % options.Partitions, Records = batch }] }],
            },
            Version);
        _batchAt = frame.Length - batch.Length;
        return frame;
    }

    protected override void BeforeSend(Span<byte> frame)
    {
        if (_producer is null) return;
        Span<byte> batch = frame[_batchAt..];
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchSequenceAt..], _sequence);
        BinaryPrimitives.WriteUInt32BigEndian(batch[BatchCrcAt..], Crc32C.Compute(batch[BatchCrcFromAt..]));
        _sequence = unchecked(_sequence + options.BatchRecords) & int.MaxValue;
    }

    protected override (int Records, int Bytes) OnAnswer(ReadOnlySpan<byte> answer)
    {
        var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer[_errorAt..]);
        return error == ErrorCode.None
            ? (options.BatchRecords, options.BatchRecords * options.RecordBytes)
            : throw new IOException($"produce failed: {error}");
    }

    private byte[] Batch()
    {
        var builder = new RecordBatchBuilder(Header(), (options.BatchRecords * (options.RecordBytes + 16)) + 100);
        byte[] value = new byte[options.RecordBytes];
        var random = new Random(index);
        random.NextBytes(value);
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (int i = 0; i < options.BatchRecords; i++)
        {
            if (options.Codec != CompressionType.None) random.GetItems("{}[]:,\"abcdefghijklm0123456789"u8, value);
            builder.Append(nowMs, null, value);
        }

        return builder.Build();
    }

    private RecordBatchOptions Header() => _producer is null
        ? new RecordBatchOptions { Codec = options.Codec }
        : new RecordBatchOptions { Codec = options.Codec, ProducerId = _producer.ProducerId, ProducerEpoch = _producer.ProducerEpoch, BaseSequence = 0 };
}
