using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

public class ControllerShellTests
{
    [Fact]
    public async Task A_created_topic_is_in_the_image_and_with_every_listener_before_the_answer()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        var told = new List<string>();
        fixture.Publisher.Subscribe((_, after, changes) => told.AddRange(changes.ChangedTopics.Select(id => after.Topic(id)!.Name)));
        await fixture.CreateAsync("t");
        Assert.Equal(["t"], told);
        Assert.Equal(1, fixture.Cluster.Image.Topic("t")!.Partitions[0].Leader);
    }

    [Fact]
    public async Task Commands_run_one_after_the_other_each_on_the_outcome_of_the_last()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => fixture.CreateAsync("same"))));
        Assert.Single(fixture.Log, one => one.Record is TopicRecord);
    }

    [Fact]
    public async Task A_failed_append_fails_the_command_and_the_next_one_goes_on()
    {
        var log = new BrokenLog();
        var controller = new MetadataController(new ControllerSettings(1, "c", new Coordination.Configs.ConfigResolver(new Dictionary<string, string>())), () => default);
        using var shell = new ControllerShell(controller, log, new MetadataPublisher(), TimeProvider.System);
        await Assert.ThrowsAsync<IOException>(() => shell.ActivateAsync(1, BootstrapRecords.For(33)));
        Assert.False(shell.IsActive);
        await shell.ActivateAsync(2, []);
        await Assert.ThrowsAsync<IOException>(() => shell.ExecuteAsync((_, _) => new Decision<int>(BootstrapRecords.For(33), 4), default));
        Assert.Equal(5, await shell.ExecuteAsync((_, _) => Decision<int>.Answer(5), default));
        Assert.Equal(0, controller.Image.MetadataVersion);
    }

    [Fact]
    public async Task The_node_registers_itself_with_the_records_of_a_cluster()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        Assert.Equal(
            ["FeatureLevelRecord", "ConfigRecord", "RegisterControllerRecord", "RegisterBrokerRecord", "BrokerRegistrationChangeRecord"],
            fixture.Log.Select(one => one.Record.GetType().Name).Distinct());
        Assert.False(fixture.Cluster.Image.Brokers[1].IsFenced);
        Assert.Equal(4, fixture.Log.Single(one => one.Record is RegisterBrokerRecord).Version);
    }

    [Fact]
    public async Task A_controller_that_does_not_lead_refuses_commands_and_takes_them_again_when_it_does()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        fixture.Shell.Deactivate();
        await Assert.ThrowsAsync<NotLeaderException>(() => fixture.CreateAsync("t"));
        await fixture.Shell.ActivateAsync(3, []);
        await fixture.CreateAsync("t");
        Assert.NotNull(fixture.Cluster.Image.Topic("t"));
    }

    [Fact]
    public async Task A_command_that_would_write_too_much_at_once_is_refused_and_writes_nothing()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        int before = fixture.Log.Count;
        HandlerTable table = new(ApiListeners.Controller);
        new ControllerHandlers(fixture.Shell, fixture.Cluster, fixture).AddTo(table);
        string[] names = [.. Enumerable.Range(0, 5_001).Select(static i => $"t{i}")];
        CreateTopicsResponse answer = Assert.IsType<CreateTopicsResponse>(await CallAsync(table, new CreateTopicsRequest
        {
            Topics = [.. names.Select(static name => new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = 1, ReplicationFactor = 1 })],
        }));
        Assert.Equal(names, answer.Topics.Select(static topic => topic.Name));
        Assert.All(answer.Topics, static topic => Assert.Equal(ErrorCode.PolicyViolation, topic.ErrorCode));
        Assert.All(answer.Topics, static topic => Assert.Contains("10002 records", topic.ErrorMessage, StringComparison.Ordinal));
        Assert.Equal(before, fixture.Log.Count);
    }

    [Fact]
    public async Task A_broker_with_more_partitions_than_a_batch_has_room_for_is_fenced_and_unfenced()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        for (int topic = 0; topic < 3; topic++) await fixture.CreateAsync($"t{topic}", 9_000);
        foreach (bool wantsFence in (bool[])[true, false])
        {
            BrokerHeartbeatResponse answer = await fixture.Controller.HeartbeatAsync(
                new BrokerHeartbeatRequest
                {
                    BrokerId = 1,
                    BrokerEpoch = fixture.Cluster.Image.Brokers[1].Epoch,
                    CurrentMetadataOffset = fixture.Cluster.Image.Offset,
                    WantFence = wantsFence,
                },
                default);
            Assert.Equal((ErrorCode.None, wantsFence), (answer.ErrorCode, answer.IsFenced));
            Assert.Equal((27_001, false), fixture.Appends[^1]);
            Assert.All(
                fixture.Cluster.Image.TopicsById.Values.SelectMany(static topic => topic.Partitions), partition => Assert.Equal(wantsFence ? -1 : 1, partition.Leader));
        }
    }

    private static async Task<IMessage?> CallAsync<TRequest>(HandlerTable table, TRequest request)
        where TRequest : IRequest<TRequest>
    {
        short version = TRequest.HighestVersion;
        using var buffer = new WireBuffer();
        request.Write(buffer, version);
        return await table.Find(TRequest.ApiKey)!.CallAsync(AdministrationFixture.Context(TRequest.ApiKey, version, ApiListeners.Controller), buffer.ToArray());
    }

    private sealed class BrokenLog : IMetadataLog
    {
        public Task<long> AppendAsync(IReadOnlyList<(IMessage Record, short Version)> records, bool atomic, int epoch) => Task.FromException<long>(new IOException("broken"));
    }
}
