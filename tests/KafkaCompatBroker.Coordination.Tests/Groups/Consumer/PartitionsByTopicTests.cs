using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

public sealed class PartitionsByTopicTests
{
    private static readonly Uuid One = new(0, 1), Two = new(0, 2);

    [Fact]
    public void Sorts_topics_and_partitions_and_drops_what_is_there_twice()
    {
        PartitionsByTopic partitions = PartitionsByTopic.Of([(Two, 3), (One, 2), (One, 2), (Two, 1), (One, 0), (Two, 3)]);
        Assert.Equal([One, Two], partitions.Topics.Select(static topic => topic.Topic));
        Assert.Equal([0, 2], partitions[One]);
        Assert.Equal([1, 3], partitions[Two]);
        Assert.Equal(4, partitions.Count);
        Assert.True(partitions.Contains(Two, 3) && !partitions.Contains(Two, 2));
    }

    [Fact]
    public void A_topic_that_comes_in_parts_is_one_and_one_without_partitions_is_none()
    {
        PartitionsByTopic partitions = PartitionsByTopic.Of([(Two, (IEnumerable<int>)[2, 1]), (One, []), (Two, [0, 2])]);
        (Uuid topic, int[] whole) = Assert.Single(partitions.Topics);
        Assert.Equal(Two, topic);
        Assert.Equal([0, 1, 2], whole);
        Assert.Same(PartitionsByTopic.Empty, PartitionsByTopic.Of([(One, (IEnumerable<int>)[])]));
    }
}
