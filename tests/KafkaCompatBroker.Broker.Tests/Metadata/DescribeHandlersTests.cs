using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Handlers.Topics;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

public class DescribeHandlersTests
{
    [Theory]
    [InlineData(2, null, 0, "t-a:0,1", "t-a:2")]
    [InlineData(3, null, 0, "t-a:0,1,2", "t-b:0")]
    [InlineData(4, null, 0, "t-a:0,1,2 t-b:0", "t-b:1")]
    [InlineData(6, null, 0, "t-a:0,1,2 t-b:0,1 t-c:0", null)]
    [InlineData(2, "t-a", 2, "t-a:2 t-b:0", "t-b:1")]
    [InlineData(2, "t-b", 0, "t-b:0,1", "t-c:0")]
    [InlineData(10, "t-c", 1, "t-c:", null)]
    [InlineData(0, null, 0, "t-a:0", "t-a:1")]
    public async Task Partitions_come_in_pages(int limit, string? cursorTopic, int cursorPartition, string expected, string? next)
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await fixture.CreateAsync("t-a", 3);
        await fixture.CreateAsync("t-b", 2);
        await fixture.CreateAsync("t-c", 1);
        DescribeTopicPartitionsResponse response = await new DescribeTopicPartitionsHandler(fixture.Cluster).HandleAsync(
            AdministrationFixture.Context(ApiKey.DescribeTopicPartitions, 0),
            new DescribeTopicPartitionsRequest
            {
                Topics = [.. new[] { "t-c", "t-a", "t-b" }.Select(name => new DescribeTopicPartitionsRequest.TopicRequest { Name = name })],
                ResponsePartitionLimit = limit,
                Cursor = cursorTopic is null ? null : new DescribeTopicPartitionsRequest.CursorData { TopicName = cursorTopic, PartitionIndex = cursorPartition },
            },
            default);
        Assert.Equal(expected, string.Join(' ', response.Topics.Select(topic => $"{topic.Name}:{string.Join(',', topic.Partitions.Select(p => p.PartitionIndex))}")));
        Assert.Equal(next, response.NextCursor is { } cursor ? $"{cursor.TopicName}:{cursor.PartitionIndex}" : null);
    }

    [Theory]
    [InlineData("t-a", -1)]
    [InlineData("elsewhere", 0)]
    public async Task A_bad_cursor_is_refused_for_every_topic(string topic, int partition)
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await fixture.CreateAsync("t-a");
        DescribeTopicPartitionsResponse response = await new DescribeTopicPartitionsHandler(fixture.Cluster).HandleAsync(
            AdministrationFixture.Context(ApiKey.DescribeTopicPartitions, 0),
            new DescribeTopicPartitionsRequest
            {
                Topics = [new DescribeTopicPartitionsRequest.TopicRequest { Name = "t-a" }],
                Cursor = new DescribeTopicPartitionsRequest.CursorData { TopicName = topic, PartitionIndex = partition },
            },
            default);
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(response.Topics).ErrorCode);
    }

    [Theory]
    [InlineData(ApiListeners.Broker, 1, ErrorCode.None)]
    [InlineData(ApiListeners.Broker, 2, ErrorCode.MismatchedEndpointType)]
    [InlineData(ApiListeners.Broker, 3, ErrorCode.UnsupportedEndpointType)]
    [InlineData(ApiListeners.Controller, 2, ErrorCode.None)]
    [InlineData(ApiListeners.Controller, 1, ErrorCode.MismatchedEndpointType)]
    public async Task Clusters_are_described_on_the_right_kind_of_listener(ApiListeners kind, sbyte endpointType, ErrorCode code)
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        DescribeClusterResponse response = await new DescribeClusterHandler(fixture.Cluster).HandleAsync(
            AdministrationFixture.Context(ApiKey.DescribeCluster, 2, kind), new DescribeClusterRequest { EndpointType = endpointType }, default);
        Assert.Equal(code, response.ErrorCode);
        if (code == ErrorCode.None) Assert.Equal(kind == ApiListeners.Controller ? 9093 : 9092, Assert.Single(response.Brokers).Port);
    }

    [Theory]
    [InlineData(2, "none", ErrorCode.UnknownTopicOrPartition)]
    [InlineData(2, "a b", ErrorCode.InvalidTopicException)]
    [InlineData(4, "7", ErrorCode.InvalidRequest)]
    [InlineData(4, "x", ErrorCode.InvalidRequest)]
    [InlineData(4, "1", ErrorCode.None)]
    [InlineData(4, "", ErrorCode.None)]
    [InlineData(99, "x", ErrorCode.InvalidRequest)]
    [InlineData(8, "", ErrorCode.InvalidRequest)]
    [InlineData(16, "", ErrorCode.InvalidRequest)]
    [InlineData(32, "", ErrorCode.InvalidRequest)]
    [InlineData(32, "any", ErrorCode.None)]
    public async Task Properties_of_resources(sbyte type, string name, ErrorCode code)
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        DescribeConfigsResponse response = await new DescribeConfigsHandler(fixture.Cluster, fixture.Loggers).HandleAsync(
            AdministrationFixture.Context(ApiKey.DescribeConfigs, 4),
            new DescribeConfigsRequest { Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = type, ResourceName = name, ConfigurationKeys = null }] },
            default);
        Assert.Equal(code, Assert.Single(response.Results).ErrorCode);
    }

    [Fact]
    public async Task Every_handler_is_registered_for_its_listener()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        var active = new ControllerHandlers(fixture.Shell, fixture.Cluster, fixture);
        HandlerTable controllers = active.AddTo(fixture.Handlers.AddToController(new HandlerTable(ApiListeners.Controller), fixture.Controller));
        using var channel = new ControllerChannel(new Broker.Quorum.QuorumEndpoints(Raft.VoterSet.Empty, [], "CONTROLLER"), 1, "test", TimeProvider.System);
        HandlerTable brokers = ControllerHandlers.Forward(fixture.Handlers.AddToBroker(new HandlerTable(ApiListeners.Broker)), channel, controllers, TimeSpan.Zero);
        Assert.Contains(ApiKey.Metadata, brokers.Registered);
        Assert.Contains(ApiKey.CreateTopics, controllers.Registered);
        Assert.DoesNotContain(ApiKey.Metadata, controllers.Registered);
        Assert.Contains(ApiKey.CreateTopics, brokers.Registered);
    }
}
