using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class CreateTopicsTests
{
    private readonly ControllerFixture _fixture = new();

    [Fact]
    public void A_new_topic_has_an_id_a_leader_and_a_directory()
    {
        CreateTopicsResponse.CreatableTopicResult result = _fixture.Create("t", 2);
        Assert.Equal(ErrorCode.None, result.ErrorCode);
        TopicImage topic = _fixture.Image.Topic("t")!;
        Assert.Same(topic, _fixture.Image.Topic(result.TopicId));
        Assert.Equal(2, topic.Partitions.Length);
        PartitionImage partition = topic.Partitions[1];
        Assert.Equal((1, 0, 0), (partition.Leader, partition.LeaderEpoch, partition.PartitionEpoch));
        Assert.Equal([1], partition.Isr);
        Assert.Equal(_fixture.Image.Brokers[1].LogDirs[0], Assert.Single(partition.Directories));
    }

    [Theory]
    [InlineData("", ErrorCode.InvalidTopicException)]
    [InlineData("a b", ErrorCode.InvalidTopicException)]
    [InlineData("..", ErrorCode.InvalidTopicException)]
    [InlineData("__cluster_metadata", ErrorCode.InvalidRequest)]
    [InlineData("there", ErrorCode.TopicAlreadyExists)]
    [InlineData("col_lision", ErrorCode.InvalidTopicException)]
    public void Refuses_names(string name, ErrorCode code)
    {
        _fixture.Create("there");
        _fixture.Create("col.lision");
        Assert.Equal(code, _fixture.Create(name).ErrorCode);
    }

    [Theory]
    [InlineData(0, 1, ErrorCode.InvalidPartitions)]
    [InlineData(-2, 1, ErrorCode.InvalidPartitions)]
    [InlineData(1, 0, ErrorCode.InvalidReplicationFactor)]
    [InlineData(1, 2, ErrorCode.InvalidReplicationFactor)]
    [InlineData(10_001, 1, ErrorCode.PolicyViolation)]
    [InlineData(int.MaxValue, 1, ErrorCode.PolicyViolation)]
    [InlineData(-1, -1, ErrorCode.None)]
    public void Checks_counts(int partitions, short replicationFactor, ErrorCode code) =>
        Assert.Equal(code, _fixture.Create("t", partitions, replicationFactor).ErrorCode);

    [Fact]
    public void Defaults_come_from_the_properties_file()
    {
        var fixture = new ControllerFixture(1, FeatureCatalog.HighestMetadataVersion, ("num.partitions", "4"));
        Assert.Equal(4, fixture.Create("t", -1, -1).NumPartitions);
    }

    [Fact]
    public void A_name_twice_in_a_request_is_refused_once_and_others_go_on()
    {
        CreateTopicsResponse response = _fixture.Run(_fixture.Controller.CreateTopics(new CreateTopicsRequest
        {
            Topics = [ControllerFixture.Topic("d"), ControllerFixture.Topic("d", 2), ControllerFixture.Topic("e")],
        }));
        Assert.Equal([("d", ErrorCode.InvalidRequest), ("e", ErrorCode.None)], response.Topics.Select(t => (t.Name, t.ErrorCode)));
        Assert.Null(_fixture.Image.Topic("d"));
    }

    [Fact]
    public void Validate_only_answers_and_changes_nothing()
    {
        CreateTopicsResponse response = _fixture.Run(_fixture.Controller.CreateTopics(new CreateTopicsRequest
        {
            Topics = [ControllerFixture.Topic("t", 3)],
            ValidateOnly = true,
        }));
        Assert.Equal(3, Assert.Single(response.Topics).NumPartitions);
        Assert.Null(_fixture.Image.Topic("t"));
    }

    [Theory]
    [InlineData("no.such", "1", ErrorCode.InvalidConfig)]
    [InlineData("retention.ms", "x", ErrorCode.InvalidConfig)]
    [InlineData("retention.ms", null, ErrorCode.InvalidConfig)]
    [InlineData("retention.ms", "5", ErrorCode.None)]
    public void Checks_configs(string name, string? value, ErrorCode code)
    {
        Assert.Equal(code, _fixture.Create("t", 1, 1, (name, value)).ErrorCode);
        Assert.Equal(code == ErrorCode.None ? value : null, _fixture.Image.ConfigsOf(ConfigResource.Topic("t")).GetValueOrDefault(name));
    }

    public static TheoryData<(int, int[])[], ErrorCode> Assignments => new()
    {
        { [(0, [1]), (1, [1])], ErrorCode.None },
        { [(0, [1]), (2, [1])], ErrorCode.InvalidReplicaAssignment },
        { [(1, [1])], ErrorCode.InvalidReplicaAssignment },
        { [(0, [7])], ErrorCode.InvalidReplicaAssignment },
        { [(0, [1, 1])], ErrorCode.InvalidReplicaAssignment },
        { [(0, [])], ErrorCode.InvalidReplicaAssignment },
        { [(0, [1]), (0, [1])], ErrorCode.InvalidReplicaAssignment },
    };

    [Theory]
    [MemberData(nameof(Assignments))]
    public void Checks_manual_assignments((int, int[])[] assignments, ErrorCode code)
    {
        CreateTopicsResponse response = _fixture.Run(_fixture.Controller.CreateTopics(new CreateTopicsRequest { Topics = [ControllerFixture.Manual("t", assignments)] }));
        Assert.Equal(code, Assert.Single(response.Topics).ErrorCode);
    }

    [Fact]
    public void Replicas_go_round_brokers_and_racks()
    {
        var fixture = new ControllerFixture(6);
        fixture.Create("t", 12, 3);
        TopicImage topic = fixture.Image.Topic("t")!;
        Assert.All(topic.Partitions, partition =>
        {
            Assert.Equal(3, partition.Replicas.Distinct().Count());
            Assert.Equal(2, partition.Replicas.Select(id => fixture.Image.Brokers[id].Rack).Distinct().Count());
        });
        Assert.All(topic.Partitions.GroupBy(p => p.Leader), leaders => Assert.Equal(2, leaders.Count()));
    }

    [Fact]
    public void Fenced_brokers_do_not_lead_new_partitions()
    {
        var fixture = new ControllerFixture(3);
        fixture.Heartbeat(2, wantFence: true);
        fixture.Create("t", 6, 3);
        Assert.All(fixture.Image.Topic("t")!.Partitions, partition =>
        {
            Assert.NotEqual(2, partition.Leader);
            Assert.DoesNotContain(2, partition.Isr);
        });
    }
}
