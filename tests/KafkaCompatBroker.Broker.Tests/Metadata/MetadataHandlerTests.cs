using KafkaCompatBroker.Broker.Handlers.Topics;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

public class MetadataHandlerTests
{
    private static async Task<MetadataResponse> AskAsync(AdministrationFixture fixture, short version, MetadataRequest request) =>
        await new MetadataHandler(fixture.Cluster, fixture.Handlers.Creation).HandleAsync(AdministrationFixture.Context(ApiKey.Metadata, version), request, default);

    private static MetadataRequest Named(bool allowsCreation, params string[] names) => new()
    {
        Topics = [.. names.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name })],
        AllowAutoTopicCreation = allowsCreation,
    };

    [Theory]
    [InlineData(0, true, 1)]
    [InlineData(1, true, 0)]
    [InlineData(13, true, 0)]
    [InlineData(13, false, 1)]
    public async Task No_topics_or_all_topics(short version, bool isEmpty, int expected)
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await fixture.CreateAsync("t");
        MetadataResponse response = await AskAsync(fixture, version, new MetadataRequest { Topics = isEmpty ? [] : null });
        Assert.Equal(expected, response.Topics.Length);
        Assert.Equal((1, "localhost", 9092), (response.Brokers[0].NodeId, response.Brokers[0].Host, response.Brokers[0].Port));
        Assert.Equal((1, AdministrationFixture.ClusterId), (response.ControllerId, response.ClusterId));
    }

    [Fact]
    public async Task Unknown_topics_are_created_when_both_sides_allow_it_and_are_there_when_the_client_asks_again()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync(("num.partitions", "3"));
        MetadataResponse response = await AskAsync(fixture, 9, Named(true, "new", "bad name"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, response.Topics.Single(topic => topic.Name == "new").ErrorCode);
        MetadataResponse.MetadataResponseTopic created = Assert.Single((await AskAsync(fixture, 9, Named(true, "new"))).Topics);
        Assert.Equal((ErrorCode.None, 3), (created.ErrorCode, created.Partitions.Length));
        Assert.Equal(ErrorCode.InvalidTopicException, response.Topics.Single(topic => topic.Name == "bad name").ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await AskAsync(fixture, 9, Named(false, "other"))).Topics[0].ErrorCode);
        using AdministrationFixture strict = await AdministrationFixture.StartAsync(("auto.create.topics.enable", "false"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await AskAsync(strict, 9, Named(true, "new"))).Topics[0].ErrorCode);
    }

    [Fact]
    public async Task Topics_by_id()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await fixture.CreateAsync("t");
        Uuid id = fixture.Cluster.Image.Topic("t")!.Id;
        var request = new MetadataRequest
        {
            Topics =
            [
                new MetadataRequest.MetadataRequestTopic { TopicId = id, Name = null },
                new MetadataRequest.MetadataRequestTopic { TopicId = new Uuid(8, 8), Name = null },
            ],
        };
        MetadataResponse response = await AskAsync(fixture, 12, request);
        Assert.Equal([("t", ErrorCode.None), (null, ErrorCode.UnknownTopicId)], response.Topics.Select(topic => (topic.Name, topic.ErrorCode)));
        Assert.All((await AskAsync(fixture, 11, request)).Topics, topic => Assert.Equal(ErrorCode.InvalidRequest, topic.ErrorCode));
    }

    [Fact]
    public async Task Operations_are_shown_only_when_asked_for()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await fixture.CreateAsync("t");
        MetadataRequest request = Named(false, "t");
        Assert.Equal(int.MinValue, (await AskAsync(fixture, 8, request)).Topics[0].TopicAuthorizedOperations);
        request.IncludeTopicAuthorizedOperations = true;
        request.IncludeClusterAuthorizedOperations = true;
        MetadataResponse response = await AskAsync(fixture, 8, request);
        Assert.Equal((3576, 8096), (response.Topics[0].TopicAuthorizedOperations, response.ClusterAuthorizedOperations));
    }
}
