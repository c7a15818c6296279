using Confluent.Kafka;
using Confluent.Kafka.Admin;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

[Collection(BrokerCollection.Name)]
public sealed class ConfluentGroupTests(RunningBroker broker)
{
    private const int Partitions = 6;

    [ConfluentTheory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Members_share_partitions_and_take_over_from_one_that_leaves(GroupProtocol protocol)
    {
        var topic = await FilledTopicAsync("share", records: 60);
        await using var first = Member(topic, protocol);
        await first.UntilOwnsAsync(Partitions);
        await using (var second = Member(topic, protocol))
        {
            await second.UntilOwnsAsync(Partitions / 2);
            await first.UntilOwnsAsync(Partitions / 2);
            Assert.Empty(first.Owned.Intersect(second.Owned));
        }

        await first.UntilOwnsAsync(Partitions);
        await first.UntilReadAsync(60);
        var values = first.Records.Select(record => record.Message.Value).ToArray();
        Assert.Equal(60, values.Distinct().Count());
    }

    [ConfluentTheory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Next_member_goes_on_where_the_last_one_committed(GroupProtocol protocol)
    {
        var topic = await FilledTopicAsync("resume", records: 40, partitions: 1);
        await using (var first = Member(topic, protocol, config => config.EnableAutoCommit = false))
        {
            await first.UntilReadAsync(40);
            await first.StopReadingAsync();
            first.Consumer.Commit([new TopicPartitionOffset(topic, 0, 25)]);
        }

        await using var second = Member(topic, protocol);
        await second.UntilReadAsync(15);
        Assert.Equal(25, second.Records[0].Offset.Value);
    }

    [ConfluentTheory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Static_member_that_returns_gets_its_partitions_without_a_rebalance(GroupProtocol protocol)
    {
        var topic = await FilledTopicAsync("static", records: 6);
        await using var staying = Member(topic, protocol, config => config.GroupInstanceId = "stays");
        int[] before;
        await using (var returning = Member(topic, protocol, config => config.GroupInstanceId = "returns"))
        {
            await returning.UntilOwnsAsync(Partitions / 2);
            await staying.UntilOwnsAsync(Partitions / 2);
            before = returning.Owned;
        }

        await using var again = Member(topic, protocol, config => config.GroupInstanceId = "returns");
        await again.UntilOwnsAsync(Partitions / 2);
        Assert.Equal(before, again.Owned);
        Assert.Equal(Partitions / 2, staying.Owned.Length);
    }

    [ConfluentTheory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Paused_partitions_rest_and_a_seek_reads_again(GroupProtocol protocol)
    {
        var topic = await FilledTopicAsync("pause", records: 10, partitions: 1);
        await using var member = Member(topic, protocol);
        await member.UntilReadAsync(10);

        TopicPartition partition = new(topic, 0);
        member.Consumer.Pause([partition]);
        await ProduceAsync(topic, 10, 5, partitions: 1);
        await Task.Delay(500);
        Assert.Equal(10, member.Records.Length);
        member.Consumer.Resume([partition]);
        await member.UntilReadAsync(15);
        member.Consumer.Seek(new TopicPartitionOffset(partition, 3));
        await member.UntilReadAsync(27);
        Assert.Equal(3, member.Records[15].Offset.Value);
    }

    [ConfluentFact]
    public async Task Groups_are_listed_described_and_deleted()
    {
        var topic = await FilledTopicAsync("admin-groups", records: 6);
        using var admin = ConfluentClients.Admin(broker.Bootstrap);
        await using (var member = Member(topic, GroupProtocol.Classic))
        {
            await member.UntilOwnsAsync(Partitions);
            var described = (await admin.DescribeConsumerGroupsAsync([topic])).ConsumerGroupDescriptions.Single();
            Assert.Equal(ConsumerGroupState.Stable, described.State);
            Assert.Equal(Partitions, described.Members.Single().Assignment.TopicPartitions.Count);
            Assert.Contains((await admin.ListConsumerGroupsAsync()).Valid, group => group.GroupId == topic && group.State == ConsumerGroupState.Stable);
            var refused = await Assert.ThrowsAsync<DeleteGroupsException>(() => admin.DeleteGroupsAsync([topic]));
            Assert.Equal(ErrorCode.NonEmptyGroup, refused.Results.Single().Error.Code);
        }

        await admin.AlterConsumerGroupOffsetsAsync([new(topic, [new TopicPartitionOffset(topic, 2, 1)])]);
        var offsets = await admin.ListConsumerGroupOffsetsAsync([new(topic, [new TopicPartition(topic, 2)])]);
        Assert.Equal(1, offsets.Single().Partitions.Single().Offset.Value);
        await admin.DeleteGroupsAsync([topic]);
        Assert.DoesNotContain((await admin.ListConsumerGroupsAsync()).Valid, group => group.GroupId == topic);
    }

    private GroupMember Member(string topic, GroupProtocol protocol, Action<ConsumerConfig>? configure = null) =>
        new(broker.Bootstrap, topic, topic, protocol, configure);

    private async Task<string> FilledTopicAsync(string subject, int records, int partitions = Partitions)
    {
        var topic = broker.NewTopicName(subject);
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, partitions);
        await ProduceAsync(topic, 0, records, partitions);
        return topic;
    }

    private async Task ProduceAsync(string topic, int first, int count, int partitions)
    {
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        await Task.WhenAll(Enumerable.Range(first, count).Select(i =>
            producer.ProduceAsync(new TopicPartition(topic, i % partitions), new Message<string, string> { Value = $"{i}" })));
    }
}
