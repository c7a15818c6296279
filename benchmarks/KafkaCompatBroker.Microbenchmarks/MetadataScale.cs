using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Microbenchmarks;

/// <summary>
/// The metadata of a large cluster: <c>metadata [--partitions 1000000] [--per-topic 10]</c> writes a snapshot of it with the broker's own code, loads it as
/// a start does, and changes the image one topic at a time. One run, no statistics: the figures are seconds and megabytes.
/// </summary>
internal static class MetadataScale
{
    private const short MetadataVersion = 29;
    private const int Brokers = 100;
    private const int Deltas = 2_000;

    public static void Run(ReadOnlySpan<string> arguments)
    {
        int partitions = Option(arguments, "--partitions", 1_000_000);
        int perTopic = Option(arguments, "--per-topic", 10);
        string directory = Path.Combine(Path.GetTempPath(), $"metadata-scale-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(directory);
            var id = new LogPosition(partitions + 100L, 1);
            Write(directory, id, partitions, perTopic);
            for (int round = 1; round <= 3; round++) Load(directory, id, $"load {round}");
            Change(Load(directory, id, "load 4"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Write(string directory, LogPosition id, int partitions, int perTopic)
    {
        MetadataImage image = MakeImage(partitions, perTopic);
        long began = Stopwatch.GetTimestamp();
        var store = new SnapshotStore(new MappedFileStore(directory), directory, TimeProvider.System, NullLogger.Instance);
        store.Write(id, 0, 0, null, ImageRecords.Of(image).Select(static record => (record, RecordVersions.Of(record, MetadataVersion))));
        Print("snapshot written", $"{Ms(began):F0} ms, {store.SizeBytes(id) / 1e6:F1} MB");
    }

    private static MetadataImage Load(string directory, LogPosition id, string name)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long allocated = GC.GetTotalAllocatedBytes();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long began = Stopwatch.GetTimestamp();
        var store = new SnapshotStore(new MappedFileStore(directory), directory, TimeProvider.System, NullLogger.Instance);
        double readMs = Ms(began);
        (MetadataImage image, _) = SnapshotImage.Of(store.Newest!.Records, id.Offset - 1, id.Epoch, MetadataImage.Empty);
        double totalMs = Ms(began);
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        store.ForgetContents();
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        int partitions = image.TopicsByName.Values.Sum(static topic => topic.Partitions.Length);
        Print(name, $"{totalMs:F0} ms ({readMs:F0} until read, {cpu.TotalMilliseconds:F0} of CPU), {partitions} partitions, {kept / (double)partitions:F0} bytes each in the image, {allocated / 1e6:F0} MB allocated, peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} MB");
        return image;
    }

    private static void Change(MetadataImage image)
    {
        long[] ticks = new long[Deltas];
        long allocated = GC.GetTotalAllocatedBytes();
        for (int number = 0; number < Deltas; number++)
        {
            var topicId = new Uuid(7, (ulong)number + 1);
            long began = Stopwatch.GetTimestamp();
            var delta = new MetadataDelta(image);
            delta.Apply(new TopicRecord { Name = $"new.topic_{number}", TopicId = topicId });
            delta.Apply(Partition(topicId, 0));
            image = delta.ToImage(image.Offset + 2, 1);
            ticks[number] = Stopwatch.GetTimestamp() - began;
        }

        allocated = GC.GetTotalAllocatedBytes() - allocated;
        Array.Sort(ticks);
        double scale = 1e6 / Stopwatch.Frequency;
        Print("one topic more", $"{ticks[Deltas / 2] * scale:F1} us median, {ticks[Deltas * 99 / 100] * scale:F1} us p99, {allocated / Deltas} bytes allocated");
    }

    private static MetadataImage MakeImage(int partitions, int perTopic)
    {
        var delta = new MetadataDelta(MetadataImage.Empty);
        delta.Apply(new FeatureLevelRecord { Name = FeatureNames.MetadataVersion, FeatureLevel = MetadataVersion });
        for (int topic = 0; topic * perTopic < partitions; topic++)
        {
            var topicId = new Uuid(0x5eed_0000_0000_4000UL + ((ulong)topic << 16), 0x8000_0000_0000_0000UL + ((ulong)topic * 2_654_435_761));
            delta.Apply(new TopicRecord { Name = $"orders.region_{topic % 32}.stream-{topic:d7}", TopicId = topicId });
            for (int index = 0; index < Math.Min(perTopic, partitions - (topic * perTopic)); index++) delta.Apply(Partition(topicId, index, topic));
        }

        return delta.ToImage(0, 1);
    }

    private static PartitionRecord Partition(Uuid topicId, int index, int spread = 0)
    {
        int[] replicas = [(spread + index) % Brokers, (spread + index + 1) % Brokers, (spread + index + 2) % Brokers];
        return new PartitionRecord
        {
            TopicId = topicId,
            PartitionId = index,
            Replicas = replicas,
            Isr = replicas,
            Leader = replicas[0],
            Directories = [.. replicas.Select(static id => new Uuid(0xd1ec, (ulong)id + 100))],
        };
    }

    private static int Option(ReadOnlySpan<string> arguments, string name, int fallback) =>
        arguments.IndexOf(name) is var at and >= 0 ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : fallback;

    private static double Ms(long began) => Stopwatch.GetElapsedTime(began).TotalMilliseconds;

    private static void Print(string what, string figures) => Console.WriteLine($"{what,-18} {figures}");
}
