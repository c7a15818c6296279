using BenchmarkDotNet.Attributes;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Policies;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Microbenchmarks;

/// <summary>The log without the network: append of one batch, read of one batch at an offset somewhere inside.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private const int Batches = 2_000;
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"log-benchmark-{Guid.NewGuid():N}");
    private byte[] _batch = [];
    private LogStore? _store;
    private PartitionLog? _log;
    private long _nowMs;
    private long _offset;

    [Params(1, 15)]
    public int Records { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        for (int i = 0; i < Records; i++) builder.Append(_nowMs, null, new byte[1024]);
        _batch = builder.Build();
        Directory.CreateDirectory(_directory);
        LogConfig config = LogConfig.Default with { RetentionBytes = 256L * 1024 * 1024 };
        _store = LogStore.Open(new LogStoreOptions { Directories = [_directory] }, TimeProvider.System, NullLogger.Instance);
        _store.Load(_ => config);
        _log = _store.GetOrCreate(new TopicPartition("benchmark", 0), new Uuid(1, 2), config);
        for (int i = 0; i < Batches; i++) Append();
    }

    [GlobalCleanup]
    public void End()
    {
        _store?.Close(clean: false);
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public long Append() => _log!.Append(_batch, new AppendContext(0, AppendOrigin.Client, _nowMs)).LastOffset;

    [Benchmark]
    public int Read()
    {
        _offset = (_offset + 7) % (Batches * Records);
        LogSlice slice = _log!.Read(_offset, _batch.Length, long.MaxValue, atLeastOneBatch: true);
        slice.Lease.Dispose();
        return slice.Memory.Length;
    }
}
