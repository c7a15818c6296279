using System.Diagnostics;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Compaction;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Apache Kafka's own tool reads the files that we write.</summary>
public class DumpLogTests
{
    [KafkaToolFact]
    public void Kafka_accepts_every_file_of_a_closed_log()
    {
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with { SegmentBytes = 6_000, IndexIntervalBytes = 300 };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            Fill(test);
            test.Store.Close(clean: true);
        }

        string directory = Path.Combine(home.Path, "topic-0");
        string logs = Files(directory, "*.log");
        string dump = Run("--deep-iteration", "--print-data-log", "--files", logs);
        Assert.DoesNotContain("isvalid: false", dump);
        Assert.DoesNotContain("mismatch", dump, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("payload: plain-0", dump);
        Assert.Contains("endTxnMarker: ABORT", dump);
        Assert.Contains("compresscodec: zstd", dump, StringComparison.OrdinalIgnoreCase);

        string checks = Run("--index-sanity-check", "--files", Files(directory, "*.index", "*.timeindex"));
        Assert.Equal(2 * Directory.GetFiles(directory, "*.log").Length, checks.Split("passed sanity check").Length - 1);
        string verified = Run("--verify-index-only", "--files", Files(directory, "*.index", "*.timeindex"));
        Assert.DoesNotContain("mismatch", verified, StringComparison.OrdinalIgnoreCase);
        string others = Run("--files", Files(directory, "*.txnindex", "*.snapshot"));
        Assert.Contains("producerId: 7", others);
    }

    [KafkaToolFact]
    public void Kafka_accepts_every_file_of_a_compacted_log()
    {
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with { SegmentBytes = 6_000, IndexIntervalBytes = 300, IsCompacted = true, IsDeleted = false };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            CompressionType[] codecs = [CompressionType.None, CompressionType.Gzip, CompressionType.Lz4, CompressionType.Zstd];
            for (int at = 0; at < 200; at++)
            {
                var options = new RecordBatchOptions { Codec = codecs[at % codecs.Length], ProducerId = 5, ProducerEpoch = 0, BaseSequence = 3 * at };
                test.Append(Keyed.Batch(options, ($"a-{at % 9}", at % 5 == 0 ? null : $"first-{at}"), ($"b-{at % 31}", $"second-{at}"), ($"only-{at}", "x")));
                if (at % 20 == 0)
                {
                    short epoch = (short)(at / 20);
                    test.Append(Keyed.Batch(new RecordBatchOptions { ProducerId = 7, ProducerEpoch = epoch, BaseSequence = 0, IsTransactional = true }, ("t", $"{at}")));
                    test.Append(Batches.Marker(commit: at % 40 == 0, 7, epoch), origin: AppendOrigin.Coordinator);
                }
            }

            test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
            Assert.True(test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs));
            test.Store.Close(clean: true);
        }

        string directory = Path.Combine(home.Path, "topic-0");
        string dump = Run("--deep-iteration", "--print-data-log", "--files", Files(directory, "*.log"));
        Assert.DoesNotContain("isvalid: false", dump);
        Assert.DoesNotContain("mismatch", dump, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("deleteHorizonMs: OptionalLong[", dump);
        Assert.Contains("payload: second-199", dump);
        Assert.DoesNotContain("payload: second-1 ", dump);
        string checks = Run("--index-sanity-check", "--files", Files(directory, "*.index", "*.timeindex"));
        Assert.Equal(2 * Directory.GetFiles(directory, "*.log").Length, checks.Split("passed sanity check").Length - 1);
        Assert.DoesNotContain("mismatch", Run("--verify-index-only", "--files", Files(directory, "*.index", "*.timeindex")), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("producerId: 7", Run("--files", Files(directory, "*.txnindex")));
    }

    private static void Fill(TestLog test)
    {
        CompressionType[] codecs = [CompressionType.None, CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];
        for (int at = 0; at < 200; at++)
        {
            var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codecs[at % codecs.Length] });
            builder.Append(TestLog.NowMs + at, null, System.Text.Encoding.UTF8.GetBytes($"plain-{at}"));
            builder.Append(TestLog.NowMs + at, [1], new byte[100]);
            Assert.Equal(Protocol.Messages.ErrorCode.None, test.Append(builder.Build(), at / 50).Error);
            if (at % 20 == 0)
            {
                short epoch = (short)(at / 20);
                test.Append(Batches.Produced(7, epoch, 0, transactional: true, timestampMs: TestLog.NowMs + at), at / 50);
                test.Append(Batches.Marker(commit: at % 40 == 0, 7, epoch, timestampMs: TestLog.NowMs + at), at / 50, AppendOrigin.Coordinator);
            }
        }
    }

    private static string Files(string directory, params string[] patterns)
        => string.Join(',', patterns.SelectMany(pattern => Directory.GetFiles(directory, pattern)).Order());

    private static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(KafkaToolFactAttribute.KafkaHome!, "bin", "kafka-dump-log.sh"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result + output);
        return output;
    }
}

/// <summary>A test that needs Apache Kafka's tools: KAFKA_HOME, or shared/kafka beside the repository, and java.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaToolFactAttribute : FactAttribute
{
    public KafkaToolFactAttribute()
    {
        if (KafkaHome is null)
        {
            Skip = "KAFKA_HOME is not set and ../shared/kafka is not there, or java is missing";
        }
    }

    public static string? KafkaHome { get; } = Find();

    private static string? Find()
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        for (var here = new DirectoryInfo(AppContext.BaseDirectory); home is null && here is not null; here = here.Parent)
        {
            if (File.Exists(Path.Combine(here.FullName, "KafkaCompatBroker.sln")))
            {
                home = Path.Combine(here.FullName, "..", "shared", "kafka");
            }
        }

        bool hasJava = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(path => File.Exists(Path.Combine(path, "java")));
        return hasJava && home is not null && File.Exists(Path.Combine(home, "bin", "kafka-dump-log.sh")) ? home : null;
    }
}
