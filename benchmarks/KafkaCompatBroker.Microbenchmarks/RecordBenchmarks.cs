using BenchmarkDotNet.Attributes;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Microbenchmarks;

/// <summary>What a produced batch costs before it is written: checksum and validation.</summary>
[MemoryDiagnoser]
public class RecordBenchmarks
{
    private readonly ValidationRules _rules = new();
    private byte[] _batch = [];
    private long _nowMs;

    [Params(1, 1000)]
    public int Records { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        byte[] value = new byte[1024];
        new Random(1).NextBytes(value);
        for (int i = 0; i < Records; i++) builder.Append(_nowMs, null, value);
        _batch = builder.Build();
    }

    [Benchmark]
    public uint Checksum() => Crc32C.Compute(_batch);

    [Benchmark]
    public int Validate() => RecordBatchValidator.Validate(_batch, _rules with { BatchBytesMax = int.MaxValue }, _nowMs).RecordCount;
}
