using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class AlterConfigsTests
{
    private readonly ControllerFixture _fixture = new();
    private readonly ConfigResource _topic = ConfigResource.Topic("t");

    public AlterConfigsTests() => _fixture.Create("t");

    private string? ValueOf(string name) => _fixture.Image.ConfigsOf(_topic).GetValueOrDefault(name);

    [Fact]
    public void Sets_deletes_appends_and_subtracts()
    {
        Assert.Equal(ErrorCode.None, _fixture.Alter(_topic, "retention.ms", 0, "5000").ErrorCode);
        Assert.Equal("5000", ValueOf("retention.ms"));
        _fixture.Alter(_topic, "retention.ms", 1, null);
        Assert.Null(ValueOf("retention.ms"));
        _fixture.Alter(_topic, "cleanup.policy", 2, "compact");
        Assert.Equal("delete,compact", ValueOf("cleanup.policy"));
        _fixture.Alter(_topic, "cleanup.policy", 2, "compact");
        Assert.Equal("delete,compact", ValueOf("cleanup.policy"));
        _fixture.Alter(_topic, "cleanup.policy", 3, "delete");
        Assert.Equal("compact", ValueOf("cleanup.policy"));
    }

    [Theory]
    [InlineData(2, "no.such", 0, "1", ErrorCode.InvalidConfig)]
    [InlineData(2, "retention.ms", 0, "x", ErrorCode.InvalidConfig)]
    [InlineData(2, "retention.ms", 0, null, ErrorCode.InvalidRequest)]
    [InlineData(2, "retention.ms", 9, "1", ErrorCode.InvalidRequest)]
    [InlineData(2, "retention.ms", 2, "1", ErrorCode.InvalidConfig)]
    [InlineData(2, "no.such", 1, null, ErrorCode.None)]
    [InlineData(0, "a", 0, "1", ErrorCode.InvalidRequest)]
    [InlineData(77, "a", 0, "1", ErrorCode.InvalidRequest)]
    public void Refuses_with_kafkas_codes(sbyte type, string name, sbyte operation, string? value, ErrorCode code) =>
        Assert.Equal(code, _fixture.Alter(new ConfigResource((ConfigResourceType)type, "t"), name, operation, value).ErrorCode);

    [Theory]
    [InlineData(2, "", ErrorCode.InvalidRequest)]
    [InlineData(2, "none", ErrorCode.UnknownTopicOrPartition)]
    [InlineData(4, "9", ErrorCode.InvalidRequest)]
    [InlineData(4, "x", ErrorCode.InvalidRequest)]
    [InlineData(16, "", ErrorCode.InvalidRequest)]
    [InlineData(32, "", ErrorCode.InvalidRequest)]
    public void Refuses_resources(sbyte type, string name, ErrorCode code) =>
        Assert.Equal(code, _fixture.Alter(new ConfigResource((ConfigResourceType)type, name), "retention.ms", 0, "1").ErrorCode);

    [Fact]
    public void A_resource_twice_is_refused_each_time()
    {
        IncrementalAlterConfigsRequest.AlterConfigsResource Resource() => new()
        {
            ResourceType = 2,
            ResourceName = "t",
            Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = "retention.ms", Value = "5" }],
        };
        IncrementalAlterConfigsResponse response = _fixture.Run(_fixture.Controller.IncrementalAlterConfigs(
            new IncrementalAlterConfigsRequest { Resources = [Resource(), Resource()] }));
        Assert.Equal([ErrorCode.InvalidRequest, ErrorCode.InvalidRequest], response.Responses.Select(r => r.ErrorCode));
        Assert.Null(ValueOf("retention.ms"));
    }

    [Fact]
    public void The_older_api_replaces_all_properties()
    {
        _fixture.Alter(_topic, "retention.ms", 0, "5000");
        AlterConfigsResponse response = _fixture.Run(_fixture.Controller.AlterConfigs(new AlterConfigsRequest
        {
            Resources = [new AlterConfigsRequest.AlterConfigsResource { ResourceType = 2, ResourceName = "t", Configs = [new AlterConfigsRequest.AlterableConfig { Name = "flush.ms", Value = "3" }] }],
        }));
        Assert.Equal(ErrorCode.None, Assert.Single(response.Responses).ErrorCode);
        Assert.Equal(["flush.ms"], _fixture.Image.ConfigsOf(_topic).Keys);
    }

    [Fact]
    public void The_clusters_minimum_of_in_sync_replicas_cannot_be_taken_away_or_set_on_one_broker()
    {
        Assert.Equal("1", _fixture.Image.ConfigsOf(ConfigResource.AllBrokers)["min.insync.replicas"]);
        Assert.Equal(ErrorCode.InvalidConfig, _fixture.Alter(ConfigResource.AllBrokers, "min.insync.replicas", 1, null).ErrorCode);
        Assert.Equal(ErrorCode.InvalidConfig, _fixture.Alter(ConfigResource.Broker(1), "min.insync.replicas", 0, "2").ErrorCode);
        Assert.Equal(ErrorCode.None, _fixture.Alter(ConfigResource.AllBrokers, "min.insync.replicas", 0, "2").ErrorCode);
    }

    [Fact]
    public void Broker_values_must_fit_together()
    {
        Assert.Equal(ErrorCode.None, _fixture.Alter(ConfigResource.AllBrokers, "log.cleaner.dedupe.buffer.size", 0, "2097152").ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, _fixture.Alter(ConfigResource.Broker(1), "log.cleaner.threads", 0, "2").ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, _fixture.Alter(ConfigResource.AllBrokers, "log.retention.ms", 0, "0").ErrorCode);
    }

    [Fact]
    public void Group_and_client_metrics_properties_are_kept()
    {
        var group = new ConfigResource(ConfigResourceType.Group, "g");
        Assert.Equal(ErrorCode.None, _fixture.Alter(group, "consumer.session.timeout.ms", 0, "50000").ErrorCode);
        Assert.Equal("50000", _fixture.Image.ConfigsOf(group)["consumer.session.timeout.ms"]);
        var metrics = new ConfigResource(ConfigResourceType.ClientMetrics, "m");
        Assert.Equal(ErrorCode.InvalidRequest, _fixture.Alter(metrics, "interval.ms", 0, "5").ErrorCode);
        Assert.Equal(ErrorCode.InvalidConfig, _fixture.Alter(metrics, "match", 0, "nonsense").ErrorCode);
        Assert.Equal(ErrorCode.None, _fixture.Alter(metrics, "interval.ms", 0, "60000").ErrorCode);
    }
}
