using KafkaCompatBroker.Simulation.Groups;
using static KafkaCompatBroker.Simulation.Groups.ConsumerRun;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

/// <summary>The hash of a group's topics, as it stands in the log. The values are those of Kafka 4.4's own class.</summary>
public sealed class TopicHashTests
{
    private readonly ConsumerRun _run = new();

    // Numbers of partitions that make inputs of all lengths that the hash treats differently.
    [Theory]
    [InlineData("t", 1, false, 7015004935473188851L)]
    [InlineData("t", 2, false, 129981052098570288L)]
    [InlineData("topic", 5, false, -1215790039772910512L)]
    [InlineData("topic", 10, false, -8111961406101957664L)]
    [InlineData("topic", 25, false, -3801953093965927563L)]
    [InlineData("topic", 50, false, -6430387027308175443L)]
    [InlineData("topic", 60, true, 5284566075438414385L)]
    [InlineData("t", 3, true, 5963212251159882867L)]
    [InlineData("a-topic", 300, false, 233948263004761110L)]
    public void Of_one_topic_is_that_of_Kafka(string topic, int partitions, bool hasRacks, long expected)
    {
        _run.SetBroker(1, hasRacks ? "rack-b" : null);
        _run.SetBroker(2, hasRacks ? "rack-a" : null);
        _run.SetTopic(topic, partitions, 1, 2);
        _run.Text(Join("m1", topic, "missing"));
        Assert.Equal(expected, _run.MetadataHash());
    }

    [Fact]
    public void Of_two_topics_is_that_of_Kafka()
    {
        _run.SetTopic("t1", 1);
        _run.SetTopic("t2", 2);
        _run.Text(Join("m1", "t2", "t1"));
        Assert.Equal(-5117546007593759728L, _run.MetadataHash());
    }

    [Fact]
    public void Of_no_topics_is_0()
    {
        _run.Text(Join("m1", "missing"));
        Assert.Equal(0, _run.MetadataHash());
    }
}
