using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class ImageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Replay_and_snapshot_give_the_state_that_commands_made(int seed)
    {
        var random = new Random(seed);
        var fixture = new ControllerFixture(brokers: 1 + random.Next(4), metadataVersion: (short)(random.Next(2) == 0 ? 33 : 21));
        for (int step = 0; step < 300; step++)
        {
            MetadataImage before = fixture.Image;
            IReadOnlyList<string> frozen = step % 50 == 0 ? ControllerFixture.Dump(before) : [];
            RandomCommand(fixture, random);
            if (step % 50 == 0) Assert.Equal(frozen, ControllerFixture.Dump(before));
            AssertInvariants(fixture.Image);
        }

        IReadOnlyList<string> expected = ControllerFixture.Dump(fixture.Image);
        Assert.Equal(expected, ControllerFixture.Dump(ControllerFixture.Replay(fixture.Log)));
        Assert.Equal(expected, ControllerFixture.Dump(ControllerFixture.Replay(ImageRecords.Of(fixture.Image))));
    }

    [Fact]
    public void Records_survive_being_written_and_read()
    {
        var fixture = new ControllerFixture(3);
        var random = new Random(11);
        for (int step = 0; step < 100; step++) RandomCommand(fixture, random);
        IMessage[] reread = [.. fixture.Log.Select(record => MetadataRecords.Read(MetadataRecords.Write(record, RecordVersions.Of(record, fixture.Image.MetadataVersion))))];
        Assert.Equal(ControllerFixture.Dump(fixture.Image), ControllerFixture.Dump(ControllerFixture.Replay(reread)));
    }

    [Fact]
    public void Changes_name_what_changed()
    {
        var fixture = new ControllerFixture();
        var delta = new MetadataDelta(fixture.Image);
        CreateTopicsResponse.CreatableTopicResult created = fixture.Create("t");
        MetadataChanges changes = new MetadataController(new ControllerSettings(1, "c", new Coordination.Configs.ConfigResolver(new Dictionary<string, string>())), () => default)
            .Apply(fixture.Log, 10, 1);
        Assert.Contains(created.TopicId, changes.ChangedTopics);
        Assert.Contains(1, changes.ChangedBrokers);
        Assert.True(changes.HasFeatureChanges);
        delta.Apply(new NoOpRecord());
        Assert.Empty(delta.Changes.ChangedTopics);
    }

    [Fact]
    public void A_record_that_contradicts_the_state_stops_the_replay()
    {
        var delta = new MetadataDelta(MetadataImage.Empty);
        Assert.Throws<InvalidOperationException>(() => delta.Apply(new PartitionChangeRecord { TopicId = new(1, 1), PartitionId = 0 }));
        Assert.Throws<InvalidOperationException>(() => delta.Apply(new RemoveTopicRecord { TopicId = new(1, 1) }));
        Assert.Throws<InvalidOperationException>(() => delta.Apply(new FenceBrokerRecord { Id = 1, Epoch = 1 }));
    }

    private static void AssertInvariants(MetadataImage image)
    {
        Assert.Equal(image.TopicsByName.Count, image.TopicsById.Count);
        foreach (TopicImage topic in image.TopicsByName.Values)
            foreach (PartitionImage partition in topic.Partitions)
            {
                Assert.Subset(partition.Replicas.ToHashSet(), partition.Isr.ToHashSet());
                Assert.Subset(partition.Replicas.ToHashSet(), partition.EligibleLeaderReplicas.ToHashSet());
                Assert.Empty(partition.Isr.Intersect(partition.EligibleLeaderReplicas));
                Assert.NotEmpty(partition.Isr.Concat(partition.EligibleLeaderReplicas));
                if (partition.Leader == PartitionImage.NoLeader) continue;
                Assert.Contains(partition.Leader, partition.Isr);
                Assert.True(image.IsActive(partition.Leader));
            }
    }

    private static void RandomCommand(ControllerFixture fixture, Random random)
    {
        string topic = $"t{random.Next(8)}";
        int[] brokers = [.. fixture.Image.Brokers.Keys];
        int broker = brokers[random.Next(brokers.Length)];
        switch (random.Next(8))
        {
            case 0 or 1:
                fixture.Create(topic, 1 + random.Next(4), (short)(1 + random.Next(3)), random.Next(2) == 0 ? [("min.insync.replicas", "2")] : []);
                break;
            case 2:
                fixture.Run(fixture.Controller.DeleteTopics(new DeleteTopicsRequest { TopicNames = [topic] }));
                break;
            case 3:
                fixture.Run(fixture.Controller.CreatePartitions(new CreatePartitionsRequest
                {
                    Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = topic, Count = 1 + random.Next(6), Assignments = null }],
                }));
                break;
            case 4:
                fixture.Alter(ConfigResource.Topic(topic), "retention.ms", (sbyte)random.Next(2), "5");
                fixture.Alter(ConfigResource.AllBrokers, "log.retention.ms", (sbyte)random.Next(2), "7");
                break;
            case 5:
                fixture.Heartbeat(broker, wantFence: true);
                break;
            case 6:
                fixture.Heartbeat(broker, wantFence: false);
                break;
            default:
                if (random.Next(2) == 0) fixture.Heartbeat(broker, wantShutDown: true);
                fixture.Start(broker, wasClean: random.Next(2) == 0);
                break;
        }
    }
}
