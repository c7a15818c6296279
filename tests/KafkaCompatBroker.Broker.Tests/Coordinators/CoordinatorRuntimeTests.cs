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

public sealed class CoordinatorRuntimeTests : IDisposable
{
    private const int Local = 1;
    private const int Other = 2;

    private static readonly Uuid TopicId = new(7, 7);
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("coordinator-").FullName;
    private readonly ImageSource _images = new();
    private readonly TimerQueue _timers = new(TimeProvider.System);
    private readonly LogStore _logs;
    private readonly PartitionHost _host;
    private readonly List<OffsetsShard> _shards = [];
    private CompressionType _codec;
    private int _commitTimeoutMs = 60_000;
    private CoordinatorRuntime<OffsetsShard>? _runtime;

    public CoordinatorRuntimeTests()
    {
        _logs = LogStore.Open(new LogStoreOptions { Directories = [_directory] }, TimeProvider.System, NullLogger.Instance);
        _host = new PartitionHost(ImageSource.Config(_directory), _logs, TimeProvider.System, NullLogger.Instance);
        _host.Follow(_images.Publisher);
    }

    public void Dispose()
    {
        _runtime?.Stop();
        _runtime?.Dispose();
        _timers.Dispose();
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Nobody_coordinates_before_the_topic_exists()
    {
        Start();

        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);
        Assert.Null(_runtime!.PartitionOf("g"));
    }

    [Fact]
    public async Task Partition_of_another_broker_is_not_coordinated_here()
    {
        _images.Publish(Topic(), Partition(Other, epoch: 0));
        Start();

        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);
        Assert.Equal(0, _runtime!.PartitionOf("g"));
    }

    [Fact]
    public async Task What_is_committed_is_seen_by_the_next_command()
    {
        await LeadAsync();

        Assert.Equal(5, await CommitAsync("g", 5));
        Assert.Equal(5, await OffsetAsync("g"));
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    public async Task Reload_in_a_higher_epoch_gives_the_same_state(CompressionType codec)
    {
        _codec = codec;
        await LeadAsync();
        await CommitAsync("kept", 5);
        await CommitAsync("kept", 6);
        await CommitAsync("gone", 7);
        await AskAsync((shard, step, reply) => OffsetsShard.Delete(step, "gone", reply));

        _images.Publish(Partition(Local, epoch: 1));

        Assert.Equal(6, await OffsetAsync("kept"));
        Assert.Equal(-1, await OffsetAsync("gone"));
        Assert.Equal(2, _shards.Count);
    }

    [Fact]
    public async Task Transactional_records_count_when_their_marker_commits_also_after_a_reload()
    {
        await LeadAsync();
        foreach ((string group, long producerId) in ((string, long)[])[("committed", 1), ("aborted", 2), ("open", 3)])
            await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, group, 9, reply, producerId));
        Assert.Equal(-1, await OffsetAsync("committed"));

        Assert.Equal(ErrorCode.None, await _runtime!.WriteMarkerAsync(0, new TransactionMarker(1, 0, 4, IsCommit: true)));
        Assert.Equal(ErrorCode.None, await _runtime.WriteMarkerAsync(0, new TransactionMarker(2, 0, 4, IsCommit: false)));
        Assert.Equal(9, await OffsetAsync("committed"));
        _images.Publish(Partition(Local, epoch: 1));

        Assert.Equal(9, await OffsetAsync("committed"));
        Assert.Equal(-1, await OffsetAsync("aborted"));
        Assert.Equal(-1, await OffsetAsync("open"));
        Assert.Equal(ErrorCode.None, await _runtime.WriteMarkerAsync(0, new TransactionMarker(3, 0, 4, IsCommit: true)));
        Assert.Equal(9, await OffsetAsync("open"));
    }

    [Fact]
    public async Task Marker_of_an_older_coordinator_is_fenced()
    {
        await LeadAsync();
        await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 9, reply, producerId: 1));
        await _runtime!.WriteMarkerAsync(0, new TransactionMarker(1, 0, 4, IsCommit: true));

        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, await _runtime.WriteMarkerAsync(0, new TransactionMarker(1, 0, 3, IsCommit: true)));
    }

    [Fact]
    public async Task Unknown_records_of_a_newer_broker_are_stepped_over()
    {
        _images.Publish(Topic(), Partition(Local, epoch: 0));
        RecordBatchBuilder builder = new(new RecordBatchOptions());
        builder.Append(1, [127, 0, 1], [0, 0]);
        builder.Append(1, CoordinatorRecords.WriteKey(CoordinatorLog.Group, new OffsetCommitKey { Group = "g", Topic = "t" }),
            CoordinatorRecords.WriteValue(new OffsetCommitValue { Offset = 3, Metadata = "" }, 3));
        _host.Find(TopicId, 0, out Partition? partition);
        Assert.Equal(ErrorCode.None, partition!.AppendOfCoordinator(builder.Build(), 0, Batches.TimestampMs, out _).Error);

        await LeadAsync();

        Assert.Equal(3, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Answers_and_reads_behind_them_wait_for_the_followers()
    {
        _images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other));
        await LeadAsync();
        Task<long> commit = CommitAsync("g", 5);
        Task<long> fetch = OffsetAsync("g");
        Assert.False(commit.IsCompleted);
        Assert.False(fetch.IsCompleted);

        _host.Find(TopicId, 0, out Partition? partition);
        partition!.FollowerFetched(Other, 1, 0, 1);

        Assert.Equal(5, await commit.WaitAsync(PatienceMax));
        Assert.Equal(5, await fetch.WaitAsync(PatienceMax));
    }

    [Fact]
    public async Task Answer_that_waits_too_long_is_an_error()
    {
        _commitTimeoutMs = 1;
        _images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other));
        await LeadAsync();

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 5, reply))).Error);
    }

    [Fact]
    public async Task Nothing_is_applied_when_too_few_replicas_are_in_sync()
    {
        _images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other), MinInSync(2));
        await LeadAsync();
        _images.Publish(Partition(Local, epoch: 0, partitionEpoch: 1, isr: [Local], Local, Other));

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 5, reply))).Error);
        Assert.Equal(-1, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Loss_of_leadership_answers_everybody()
    {
        _images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other));
        await LeadAsync();
        Task<ShardAnswer<Seen>> kept = AskAsync((shard, _, reply) => shard.Keep(reply));
        Task<ShardAnswer<Seen>> forgotten = AskAsync((_, _, _) => { });
        Task<ShardAnswer<Seen>> uncommitted = AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 5, reply));
        Assert.False(kept.IsCompleted || forgotten.IsCompleted || uncommitted.IsCompleted);

        _images.Publish(Partition(Other, epoch: 1, Local, Other));

        Assert.Equal(-2, (await kept.WaitAsync(PatienceMax)).Response!.Offset);
        Assert.Equal(ErrorCode.NotCoordinator, (await forgotten.WaitAsync(PatienceMax)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await uncommitted.WaitAsync(PatienceMax)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);
        Assert.Equal(0, _timers.Count);
    }

    [Fact]
    public async Task Deleted_topic_answers_everybody_and_may_come_back()
    {
        await LeadAsync();
        await CommitAsync("g", 5);
        Task<ShardAnswer<Seen>> kept = AskAsync((shard, _, reply) => shard.Keep(reply));

        _images.Publish(new RemoveTopicRecord { TopicId = TopicId });
        Assert.Equal(-2, (await kept.WaitAsync(PatienceMax)).Response!.Offset);
        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);

        Uuid next = new(8, 8);
        _images.Publish(Topic(next), Partition(Local, epoch: 0, partitionEpoch: 0, isr: [Local], [Local], next));
        Assert.Equal(-1, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Deadline_of_the_shard_is_carried_out()
    {
        await LeadAsync();
        await AskAsync((shard, step, reply) => shard.TickAt(step, step.NowMs + 1, reply));

        await EventuallyAsync(() => _shards[0].Ticks > 0);
        Assert.Equal(0, _timers.Count);
    }

    [Fact]
    public async Task Batch_that_the_topic_does_not_take_is_refused_but_deadlines_split_theirs()
    {
        _images.Publish(Topic(), Partition(Local, epoch: 0), Config("max.message.bytes", "5000"));
        await LeadAsync();
        string longName = new('n', 6_000);
        Assert.Equal(ErrorCode.UnknownServerError, (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, longName, 5, reply))).Error);
        Assert.Equal(-1, await OffsetAsync(longName));

        _shards[0].RecordsOfTick = 100;
        await AskAsync((shard, step, reply) => shard.TickAt(step, step.NowMs + 1, reply));

        string last = new string('t', 100) + "-99";
        await EventuallyAsync(() => OffsetAsync(last).GetAwaiter().GetResult() == 99);
    }

    [Fact]
    public async Task Shard_that_fails_is_loaded_again()
    {
        await LeadAsync();
        await CommitAsync("g", 5);
        Task<ShardAnswer<Seen>> kept = AskAsync((shard, _, reply) => shard.Keep(reply));

        Assert.Equal(ErrorCode.UnknownServerError, (await AskAsync((_, _, _) => throw new InvalidOperationException("broken"))).Error);

        Assert.Equal(ErrorCode.NotCoordinator, (await kept.WaitAsync(PatienceMax)).Error);
        Assert.Equal(5, await OffsetAsync("g"));
        Assert.Equal(2, _shards.Count);
    }

    [Fact]
    public async Task Commands_from_many_threads_run_one_by_one()
    {
        const int Writers = 8;
        const int Each = 500;
        await LeadAsync();
        int inside = 0;
        int overlaps = 0;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 1; i <= Each; i++)
            {
                await AskAsync((shard, step, reply) =>
                {
                    overlaps += Interlocked.Exchange(ref inside, 1);
                    OffsetsShard.Commit(step, $"g{writer}", i, reply);
                    Volatile.Write(ref inside, 0);
                });
            }
        })));

        Assert.Equal(0, overlaps);
        for (int writer = 0; writer < Writers; writer++)
            Assert.Equal(Each, await OffsetAsync($"g{writer}"));
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow + PatienceMax;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "It never came true.");
            await Task.Delay(5);
        }
    }

    private void Start()
    {
        CoordinatorOptions options = new()
        {
            BrokerId = Local,
            Log = CoordinatorLog.Group,
            Topic = TopicName.GroupMetadata,
            Codec = _codec,
            CommitTimeoutMs = () => _commitTimeoutMs,
        };
        _runtime = new CoordinatorRuntime<OffsetsShard>(options, Create, _host, _timers, TimeProvider.System, NullLogger.Instance);
        _runtime.Follow(_images.Publisher);
    }

    private OffsetsShard Create(int partition, int leaderEpoch)
    {
        OffsetsShard shard = new();
        _shards.Add(shard);
        return shard;
    }

    private async Task LeadAsync()
    {
        if (_images.Publisher.Image.Topic(TopicId) is null)
            _images.Publish(Topic(), Partition(Local, epoch: 0));
        Start();

        // Not asked for an answer: it might wait for followers.
        bool isLoaded = false;
        await EventuallyAsync(() =>
        {
            _ = AskAsync((_, _, _) => isLoaded = true);
            return isLoaded;
        });
    }

    private Task<ShardAnswer<Seen>> AskAsync(Action<OffsetsShard, ShardStep, Reply<Seen>> command) =>
        _runtime!.AskAsync("g", command).AsTask();

    private Task<ShardAnswer<Seen>> FetchAsync(string group) => AskAsync((shard, step, reply) => shard.Fetch(step, group, reply));

    private async Task<long> CommitAsync(string group, long offset) =>
        (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, group, offset, reply))).Response!.Offset;

    private async Task<long> OffsetAsync(string group)
    {
        ShardAnswer<Seen> answer = await FetchAsync(group);
        for (; answer.Error == ErrorCode.CoordinatorLoadInProgress; answer = await FetchAsync(group))
            await Task.Delay(5);
        return answer.Response!.Offset;
    }

    private static TopicRecord Topic(Uuid? id = null) => new() { Name = TopicName.GroupMetadata, TopicId = id ?? TopicId };

    private static ConfigRecord MinInSync(int count) => Config("min.insync.replicas", $"{count}");

    private static ConfigRecord Config(string name, string value) =>
        new() { ResourceType = (sbyte)ConfigResourceType.Topic, ResourceName = TopicName.GroupMetadata, Name = name, Value = value };

    private static PartitionRecord Partition(int leader, int epoch, params int[] replicas) =>
        Partition(leader, epoch, epoch, replicas.Length == 0 ? [leader] : replicas, replicas.Length == 0 ? [leader] : replicas, TopicId);

    private static PartitionRecord Partition(int leader, int epoch, int partitionEpoch, int[] isr, params int[] replicas) =>
        Partition(leader, epoch, partitionEpoch, isr, replicas, TopicId);

    private static PartitionRecord Partition(int leader, int epoch, int partitionEpoch, int[] isr, int[] replicas, Uuid topicId) => new()
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
