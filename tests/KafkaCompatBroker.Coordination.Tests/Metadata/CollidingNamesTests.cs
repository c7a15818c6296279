using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class CollidingNamesTests
{
    [Fact]
    public void A_name_is_free_again_when_the_topic_it_collides_with_is_deleted()
    {
        var fixture = new ControllerFixture();
        Assert.Equal(ErrorCode.None, Create(fixture, "a.b"));
        Assert.Equal(ErrorCode.InvalidTopicException, Create(fixture, "a_b"));
        fixture.Run(fixture.Controller.DeleteTopics(new DeleteTopicsRequest { TopicNames = ["a.b"] }));
        Assert.Equal(ErrorCode.None, Create(fixture, "a_b"));
        Assert.Equal(ErrorCode.InvalidTopicException, Create(fixture, "a.b"));
    }

    [Fact]
    public void Topics_of_a_snapshot_collide_too()
    {
        var fixture = new ControllerFixture();
        Create(fixture, "a.b_c");
        var restarted = new MetadataController(
            new ControllerSettings(1, ControllerFixture.ClusterId, new ConfigResolver(new Dictionary<string, string>())), () => new Protocol.Types.Uuid(8, 1));
        restarted.Load(ImageRecords.Of(fixture.Image), fixture.Image.Offset, fixture.Image.Epoch);
        CreateTopicsResponse refused = restarted.CreateTopics(Request("a_b.c")).Response;
        Assert.Equal("Topic 'a_b.c' collides with existing topic: a.b_c", refused.Topics[0].ErrorMessage);
    }

    private static ErrorCode Create(ControllerFixture fixture, string name) => fixture.Run(fixture.Controller.CreateTopics(Request(name))).Topics[0].ErrorCode;

    private static CreateTopicsRequest Request(string name) =>
        new() { Topics = [new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = 1, ReplicationFactor = 1 }] };
}
