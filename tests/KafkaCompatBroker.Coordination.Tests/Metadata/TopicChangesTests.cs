using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class TopicChangesTests
{
    private readonly ControllerFixture _fixture = new();

    private DeleteTopicsResponse Delete(params (string? Name, Uuid Id)[] topics) => _fixture.Run(_fixture.Controller.DeleteTopics(new DeleteTopicsRequest
    {
        Topics = [.. topics.Select(t => new DeleteTopicsRequest.DeleteTopicState { Name = t.Name, TopicId = t.Id })],
    }));

    private ErrorCode AddPartitions(string topic, int count, params int[][] assignments) => Assert.Single(_fixture.Run(_fixture.Controller.CreatePartitions(new CreatePartitionsRequest
    {
        Topics =
        [
            new CreatePartitionsRequest.CreatePartitionsTopic
            {
                Name = topic,
                Count = count,
                Assignments = assignments.Length == 0 ? null : [.. assignments.Select(a => new CreatePartitionsRequest.CreatePartitionsAssignment { BrokerIds = a })],
            },
        ],
    })).Results).ErrorCode;

    [Fact]
    public void Deletes_by_name_or_id_with_the_configs()
    {
        _fixture.Create("a", 1, 1, ("retention.ms", "5"));
        Uuid b = _fixture.Create("b").TopicId;
        DeleteTopicsResponse response = Delete(("a", default), (null, b));
        Assert.All(response.Responses, result => Assert.Equal(ErrorCode.None, result.ErrorCode));
        Assert.Equal("b", response.Responses[1].Name);
        Assert.Empty(_fixture.Image.TopicsByName);
        Assert.Empty(_fixture.Image.TopicsById);
        Assert.Empty(_fixture.Image.ConfigsOf(ConfigResource.Topic("a")));
    }

    [Fact]
    public void Refuses_what_is_unknown_or_said_twice()
    {
        Uuid id = _fixture.Create("t").TopicId;
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Delete(("no", default)).Responses[0].ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicId, Delete((null, new Uuid(1, 2))).Responses[0].ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, Delete(("t", id)).Responses[0].ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, Delete((null, default)).Responses[0].ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(Delete(("t", default), ("t", default)).Responses).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(Delete(("t", default), (null, id)).Responses).ErrorCode);
        Assert.NotNull(_fixture.Image.Topic("t"));
    }

    [Fact]
    public void A_topic_created_again_has_another_id()
    {
        Uuid first = _fixture.Create("t").TopicId;
        Delete(("t", default));
        Assert.NotEqual(first, _fixture.Create("t").TopicId);
        Assert.Null(_fixture.Image.Topic(first));
    }

    [Fact]
    public void Adds_partitions_and_refuses_what_is_no_increase()
    {
        _fixture.Create("t", 3);
        Assert.Equal(ErrorCode.InvalidPartitions, AddPartitions("t", 3));
        Assert.Equal(ErrorCode.InvalidPartitions, AddPartitions("t", -1));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, AddPartitions("no", 3));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, AddPartitions("t", 5, [1]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, AddPartitions("t", 4, [9]));
        Assert.Equal(ErrorCode.PolicyViolation, AddPartitions("t", int.MaxValue));
        Assert.Equal(ErrorCode.None, AddPartitions("t", 5));
        Assert.Equal(5, _fixture.Image.Topic("t")!.Partitions.Length);
    }
}
