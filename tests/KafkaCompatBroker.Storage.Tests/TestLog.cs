using System.Text;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>One log in a log store of one directory, with a clock that stands still.</summary>
internal sealed class TestLog : IDisposable
{
    public static readonly TopicPartition Partition = new("topic", 0);
    public static readonly Uuid TopicId = new(0x0123456789abcdef, 0x1122334455667788);
    public const long NowMs = 1_700_000_000_000;

    private readonly TestDirectory? _owned;

    private TestLog(string path, LogConfig config, TestDirectory? owned, Func<string, IFileStore>? makeFileStore)
    {
        _owned = owned;
        Path = path;
        Store = LogStore.Open(new LogStoreOptions { Directories = [path] }, new FixedTime(), NullLogger.Instance, makeFileStore);
        Store.Load(_ => config);
        Log = Store.GetOrCreate(Partition, TopicId, config);
    }

    public string Path { get; }

    public LogStore Store { get; }

    public PartitionLog Log { get; }

    public string LogPath => System.IO.Path.Combine(Path, Partition.ToString());

    public static TestLog Create(LogConfig? config = null, Func<string, IFileStore>? makeFileStore = null)
    {
        var directory = new TestDirectory();
        return new TestLog(directory.Path, config ?? Config(), directory, makeFileStore);
    }

    public static TestLog Open(string path, LogConfig? config = null) => new(path, config ?? Config(), null, null);

    /// <summary>Record times are small numbers in these tests, so nothing may expire by time.</summary>
    public static LogConfig Config() => LogConfig.Default with { RetentionMs = -1, ProducerExpirationMs = long.MaxValue };

    public AppendOutcome Append(byte[] batch, int leaderEpoch = 0, AppendOrigin origin = AppendOrigin.Client)
        => Log.Append(batch, new AppendContext(leaderEpoch, origin, NowMs));

    /// <summary>Offsets and values from an offset to the end, reading in pieces of at most <paramref name="bytesMax"/>.</summary>
    public static List<(long Offset, string Value)> ReadAll(PartitionLog log, long offset, int bytesMax = 1024 * 1024, long end = long.MaxValue)
    {
        var records = new List<(long, string)>();
        long next = offset;
        while (true)
        {
            LogSlice slice = log.Read(next, bytesMax, end, atLeastOneBatch: true);
            Assert.Equal(ReadStatus.Ok, slice.Status);
            using (slice.Lease)
            {
                if (slice.Memory.IsEmpty)
                {
                    return records;
                }

                next = Collect(slice.Memory.Span, offset, records);
            }
        }
    }

    public static byte[] ReadBytes(PartitionLog log, long offset, int bytesMax, long end = long.MaxValue, bool atLeastOneBatch = true)
    {
        LogSlice slice = log.Read(offset, bytesMax, end, atLeastOneBatch);
        using (slice.Lease)
        {
            Assert.Equal(ReadStatus.Ok, slice.Status);
            return slice.Memory.ToArray();
        }
    }

    public void Kill() => Store.Dispose();

    public void Dispose()
    {
        Store.Dispose();
        _owned?.Dispose();
    }

    private static long Collect(ReadOnlySpan<byte> bytes, long from, List<(long Offset, string Value)> records)
    {
        long next = -1;
        while (RecordBatchView.TryRead(bytes, out RecordBatchView batch) is var status && !bytes.IsEmpty)
        {
            Assert.Equal(RecordBatchStatus.Ok, status);
            Assert.True(batch.IsCrcValid());
            using var reader = new RecordReader(batch);
            while (reader.MoveNext())
            {
                if (reader.Current.Offset >= from)
                {
                    records.Add((reader.Current.Offset, batch.IsControl ? "marker" : Encoding.UTF8.GetString(reader.Current.Value)));
                }
            }

            next = batch.NextOffset;
            bytes = bytes[batch.SizeInBytes..];
        }

        return next;
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }
}
