using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Network.Tests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Tests.Requests;

public sealed class ApiVersionsTests
{
    public static TheoryData<short> AllVersions => [.. Enumerable.Range(0, ApiVersionsHandler.Versions.Highest + 1).Select(version => (short)version)];

    [Theory]
    [MemberData(nameof(AllVersions))]
    public async Task Lists_exactly_what_is_registered(short version)
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient client = broker.Connect();
        client.Send(new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }, version, 7);
        (int correlationId, ApiVersionsResponse answer) = client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, version);
        Assert.Equal(7, correlationId);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(
            [(0, 0, 13), (3, 0, 13), (18, 0, ApiVersionsHandler.Versions.Highest)],
            answer.ApiKeys.Select(api => ((int)api.ApiKey, (int)api.MinVersion, (int)api.MaxVersion)));
    }

    [Theory]
    [InlineData(3, new[] { "metadata.version" })]
    [InlineData(4, new[] { "group.version", "metadata.version" })]
    public async Task Names_features_that_the_client_can_parse(short version, string[] supported)
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient client = broker.Connect();
        client.Send(new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }, version, 7);
        ApiVersionsResponse answer = client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, version).Response;
        Assert.Equal(supported, answer.SupportedFeatures.Select(feature => feature.Name));
        Assert.Equal(42, answer.FinalizedFeaturesEpoch);
        Assert.Equal(("metadata.version", 30), (answer.FinalizedFeatures[0].Name, answer.FinalizedFeatures[0].MaxVersionLevel));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(-1)]
    [InlineData(short.MaxValue)]
    public async Task Answers_an_unknown_version_in_version_0_and_goes_on(short version)
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient client = broker.Connect();
        client.SendHead(ApiKey.ApiVersions, version, 5);
        (int correlationId, ApiVersionsResponse answer) = client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, 0);
        Assert.Equal(5, correlationId);
        Assert.Equal(ErrorCode.UnsupportedVersion, answer.ErrorCode);
        ApiVersionsResponse.ApiVersion only = Assert.Single(answer.ApiKeys);
        Assert.Equal((18, 0), (only.ApiKey, only.MinVersion));
        client.Send(new ApiVersionsRequest(), 0, 6);
        Assert.Equal(6, client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, 0).CorrelationId);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a b", "1")]
    [InlineData("probe", "")]
    [InlineData("-x", "1")]
    [InlineData("x-", "1")]
    [InlineData("a/b", "1")]
    [InlineData("probe", "1 0")]
    [InlineData(".", ".")]
    [InlineData("a", "_")]
    public async Task Refuses_a_malformed_software_name_and_keeps_the_connection(string name, string version)
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient client = broker.Connect();
        client.Send(new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = version }, 3, 1);
        ApiVersionsResponse answer = client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, 3).Response;
        Assert.Equal(ErrorCode.InvalidRequest, answer.ErrorCode);
        Assert.Empty(answer.ApiKeys);
        client.Send(new ApiVersionsRequest { ClientSoftwareName = "ok-1.x", ClientSoftwareVersion = "2.0.1-rc" }, 3, 2);
        Assert.Equal(ErrorCode.None, client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, 3).Response.ErrorCode);
    }

    [Theory]
    [InlineData("other", -1)]
    [InlineData(null, 2)]
    public async Task Sends_a_misrouted_client_back_to_its_bootstrap_servers(string? clusterId, int nodeId)
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient client = broker.Connect();
        var request = new ApiVersionsRequest
        {
            ClientSoftwareName = "a",
            ClientSoftwareVersion = "1",
            ClusterId = clusterId,
            NodeId = nodeId,
        };
        client.Send(request, 5, 1);
        Assert.Equal(ErrorCode.RebootstrapRequired, client.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, 5).Response.ErrorCode);
    }

    [Fact]
    public void A_handler_is_refused_on_a_listener_that_does_not_serve_its_api()
    {
        var table = new HandlerTable(ApiListeners.Controller);
        var produce = new InlineHandler<ProduceRequest, ProduceResponse?>((_, _) => ValueTask.FromResult<ProduceResponse?>(null));
        Assert.Throws<ArgumentException>(() =>
            table.Add<ProduceRequest, ProduceResponse?, InlineHandler<ProduceRequest, ProduceResponse?>>(produce));
    }

    private static HandlerTable Table()
    {
        var table = new HandlerTable(ApiListeners.Broker);
        table.Add<ApiVersionsRequest, ApiVersionsResponse, ApiVersionsHandler>(new ApiVersionsHandler(table, new Features(), "cluster", 1));
        var produce = new InlineHandler<ProduceRequest, ProduceResponse?>((_, _) => ValueTask.FromResult<ProduceResponse?>(null));
        table.Add<ProduceRequest, ProduceResponse?, InlineHandler<ProduceRequest, ProduceResponse?>>(produce);
        var metadata = new InlineHandler<MetadataRequest, MetadataResponse>((_, _) => ValueTask.FromResult(new MetadataResponse()));
        table.Add<MetadataRequest, MetadataResponse, InlineHandler<MetadataRequest, MetadataResponse>>(metadata);
        var hidden = new InlineHandler<PushTelemetryRequest, PushTelemetryResponse>((_, _) => ValueTask.FromResult(new PushTelemetryResponse()));
        return table.AddHidden<PushTelemetryRequest, PushTelemetryResponse, InlineHandler<PushTelemetryRequest, PushTelemetryResponse>>(hidden);
    }

    private sealed class Features : IFeatureSource
    {
        public IReadOnlyList<SupportedFeature> Supported { get; } = [new("group.version", 0, 1), new("metadata.version", 7, 30)];

        public FinalizedFeatures Finalized { get; } = new(42, [new("metadata.version", 30)]);
    }
}
