using BenchmarkDotNet.Attributes;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Microbenchmarks;

/// <summary>Decoding and encoding of the requests that decide the broker's CPU.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private const short ProduceVersion = 9;
    private const short FetchVersion = 12;

    private byte[] _produce = [];
    private byte[] _fetch = [];
    private FetchResponse _fetchAnswer = new();
    private ProduceResponse _produceAnswer = new();
    private WireBuffer _buffer = new();

    [GlobalSetup]
    public void Prepare()
    {
        _produce = Encode(
            new ProduceRequest { Acks = -1, TopicData = [new() { Name = "orders", PartitionData = [new() { Index = 1, Records = new byte[1100] }] }] },
            ProduceVersion);
        _fetch = Encode(
            new FetchRequest { Topics = [new() { Topic = "orders", Partitions = [new() { Partition = 1, PartitionMaxBytes = 1_000_000 }] }] },
            FetchVersion);
        _produceAnswer = new ProduceResponse { Responses = [new() { Name = "orders", PartitionResponses = [new() { Index = 1 }] }] };
        _fetchAnswer = new FetchResponse
        {
            Responses = [new() { Topic = "orders", Partitions = [new() { PartitionIndex = 1, Records = new byte[64 * 1024] }] }],
        };
    }

    [GlobalCleanup]
    public void End() => _buffer.Dispose();

    [Benchmark]
    public ProduceRequest DecodeProduce()
    {
        var reader = new WireReader(_produce);
        return ProduceRequest.Read(ref reader, ProduceVersion);
    }

    [Benchmark]
    public FetchRequest DecodeFetch()
    {
        var reader = new WireReader(_fetch);
        return FetchRequest.Read(ref reader, FetchVersion);
    }

    [Benchmark]
    public int EncodeProduceAnswer()
    {
        _produceAnswer.Write(_buffer, ProduceVersion);
        int length = _buffer.Length;
        _buffer.Reset();
        return length;
    }

    [Benchmark]
    public int EncodeFetchAnswer()
    {
        _fetchAnswer.Write(_buffer, FetchVersion);
        int length = _buffer.Length;
        _buffer.Reset();
        return length;
    }

    private static byte[] Encode(IMessage message, short version)
    {
        using var buffer = new WireBuffer();
        message.Write(buffer, version);
        return buffer.ToArray();
    }
}
