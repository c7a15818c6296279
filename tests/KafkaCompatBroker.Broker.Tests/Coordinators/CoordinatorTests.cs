using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Coordinators;

/// <summary>A coordinator with one partition and a real log, led here or not as the test says.</summary>
public abstract class CoordinatorTests : IDisposable
{
    private protected const int Local = 1;
    private protected const int Other = 2;

    private protected static readonly Uuid TopicId = new(7, 7);
    private protected static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("coordinator-").FullName;
    private readonly LogStore _logs;

    private protected ImageSource Images { get; } = new();

    private protected TimerQueue Timers { get; } = new(TimeProvider.System);

    private protected PartitionHost Host { get; }

    private protected List<OffsetsShard> Shards { get; } = [];

    private protected CompressionType Codec { get; set; }

    private protected int CommitTimeoutMs { get; set; } = 60_000;

    private protected int AppendLingerMs { get; set; }

    private protected CoordinatorRuntime<OffsetsShard>? Runtime { get; private set; }

    protected CoordinatorTests()
    {
        _logs = LogStore.Open(new LogStoreOptions { Directories = [_directory] }, TimeProvider.System, NullLogger.Instance);
        Host = new PartitionHost(ImageSource.Config(_directory), _logs, TimeProvider.System, NullLogger.Instance);
        Host.Follow(Images.Publisher);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Runtime?.Stop();
        Runtime?.Dispose();
        Timers.Dispose();
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private protected static async Task EventuallyAsync(Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow + PatienceMax;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "It never came true.");
            await Task.Delay(5);
        }
    }

    private protected void Start()
    {
        CoordinatorOptions options = new()
        {
            BrokerId = Local,
            Log = CoordinatorLog.Group,
            Topic = TopicName.GroupMetadata,
            Codec = Codec,
            CommitTimeoutMs = () => CommitTimeoutMs,
            AppendLingerMs = AppendLingerMs,
        };
        Runtime = new CoordinatorRuntime<OffsetsShard>(options, Create, Host, Timers, TimeProvider.System, NullLogger.Instance);
        Runtime.Follow(Images.Publisher);
    }

    private OffsetsShard Create(int partition, int leaderEpoch)
    {
        OffsetsShard shard = new();
        Shards.Add(shard);
        return shard;
    }

    private protected async Task LeadAsync()
    {
        if (Images.Publisher.Image.Topic(TopicId) is null)
            Images.Publish(Topic(), Partition(Local, epoch: 0));
        Start();

        // Not asked for an answer: it might wait for followers.
        bool isLoaded = false;
        await EventuallyAsync(() =>
        {
            _ = AskAsync((_, _, _) => isLoaded = true);
            return isLoaded;
        });
    }

    private protected Task<ShardAnswer<Seen>> AskAsync(Action<OffsetsShard, ShardStep, Reply<Seen>> command) =>
        Runtime!.AskAsync("g", command).AsTask();

    private protected Task<ShardAnswer<Seen>> FetchAsync(string group) => AskAsync((shard, step, reply) => shard.Fetch(step, group, reply));

    private protected async Task<long> CommitAsync(string group, long offset) =>
        (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, group, offset, reply))).Response!.Offset;

    private protected async Task<long> OffsetAsync(string group)
    {
        ShardAnswer<Seen> answer = await FetchAsync(group);
        for (; answer.Error == ErrorCode.CoordinatorLoadInProgress; answer = await FetchAsync(group))
            await Task.Delay(5);
        return answer.Response!.Offset;
    }

    private protected static TopicRecord Topic(Uuid? id = null) => new() { Name = TopicName.GroupMetadata, TopicId = id ?? TopicId };

    private protected static ConfigRecord MinInSync(int count) => Config("min.insync.replicas", $"{count}");

    private protected static ConfigRecord Config(string name, string value) =>
        new() { ResourceType = (sbyte)ConfigResourceType.Topic, ResourceName = TopicName.GroupMetadata, Name = name, Value = value };

    private protected static PartitionRecord Partition(int leader, int epoch, params int[] replicas) =>
        Partition(leader, epoch, epoch, replicas.Length == 0 ? [leader] : replicas, replicas.Length == 0 ? [leader] : replicas, TopicId);

    private protected static PartitionRecord Partition(int leader, int epoch, int partitionEpoch, int[] isr, params int[] replicas) =>
        Partition(leader, epoch, partitionEpoch, isr, replicas, TopicId);

    private protected static PartitionRecord Partition(int leader, int epoch, int partitionEpoch, int[] isr, int[] replicas, Uuid topicId) => new()
    {
        TopicId = topicId,
        PartitionId = 0,
        Replicas = replicas,
        Isr = isr,
        Leader = leader,
        LeaderEpoch = epoch,
        PartitionEpoch = partitionEpoch,
        Directories = [.. replicas.Select(_ => Uuid.Zero)],
    };
}
