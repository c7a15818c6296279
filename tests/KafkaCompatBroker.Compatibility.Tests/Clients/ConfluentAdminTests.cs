using Confluent.Kafka;
using Confluent.Kafka.Admin;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

[Collection(BrokerCollection.Name)]
public sealed class ConfluentAdminTests(RunningBroker broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [ConfluentFact]
    public async Task A_topic_is_created_grown_and_deleted()
    {
        var topic = broker.NewTopicName("admin");
        using var admin = ConfluentClients.Admin(broker.Bootstrap);
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, partitions: 2);
        Assert.Equal(2, admin.GetMetadata(topic, Limit).Topics.Single().Partitions.Count);

        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 5 }]);
        Assert.Equal(5, admin.GetMetadata(topic, Limit).Topics.Single().Partitions.Count);

        await admin.DeleteTopicsAsync([topic]);
        Assert.DoesNotContain(admin.GetMetadata(Limit).Topics, t => t.Topic == topic);
    }

    [ConfluentFact]
    public async Task Creating_a_topic_twice_or_with_a_bad_config_is_refused_with_its_reason()
    {
        var topic = broker.NewTopicName("twice");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        var again = await Assert.ThrowsAsync<CreateTopicsException>(() => ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic));
        Assert.Equal(ErrorCode.TopicAlreadyExists, again.Results.Single().Error.Code);
        var bad = await Assert.ThrowsAsync<CreateTopicsException>(
            () => ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic + "-bad", configs: new() { ["retention.ms"] = "soon" }));
        Assert.Equal(ErrorCode.InvalidConfig, bad.Results.Single().Error.Code);
    }

    [ConfluentFact]
    public async Task Topic_configs_are_described_with_their_source_and_altered()
    {
        var topic = broker.NewTopicName("configs");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, configs: new() { ["retention.ms"] = "1234567" });
        using var admin = ConfluentClients.Admin(broker.Bootstrap);
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };

        var described = (await admin.DescribeConfigsAsync([resource])).Single().Entries;
        Assert.Equal(("1234567", ConfigSource.DynamicTopicConfig), (described["retention.ms"].Value, described["retention.ms"].Source));
        Assert.Equal(("delete", ConfigSource.DefaultConfig), (described["cleanup.policy"].Value, described["cleanup.policy"].Source));

        await admin.AlterConfigsAsync(new() { [resource] = [new ConfigEntry { Name = "max.message.bytes", Value = "4321" }] });
        var altered = (await admin.DescribeConfigsAsync([resource])).Single().Entries;
        Assert.Equal("4321", altered["max.message.bytes"].Value);
        Assert.Equal(ConfigSource.DefaultConfig, altered["retention.ms"].Source);
    }

    [ConfluentFact]
    public async Task Deleted_records_are_no_longer_readable()
    {
        var topic = broker.NewTopicName("trimmed");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        for (var i = 0; i < 10; i++)
        {
            await producer.ProduceAsync(topic, new Message<string, string> { Value = $"{i}" });
        }

        using var admin = ConfluentClients.Admin(broker.Bootstrap);
        var results = await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 7)]);
        Assert.Equal(7, results.Single().Offset.Value);
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap);
        Assert.Equal(7, consumer.QueryWatermarkOffsets(new(topic, 0), Limit).Low.Value);
    }

    [ConfluentFact]
    public async Task The_newer_admin_calls_answer()
    {
        var topic = broker.NewTopicName("newer");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, partitions: 2);
        using var admin = ConfluentClients.Admin(broker.Bootstrap);

        var cluster = await admin.DescribeClusterAsync();
        Assert.Equal(BrokerNode.ClusterId, cluster.ClusterId);
        Assert.Equal(1, Assert.Single(cluster.Nodes).Id);
        var description = (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions.Single();
        Assert.Equal(2, description.Partitions.Count);
        Assert.All(description.Partitions, partition => Assert.Equal(1, partition.Leader.Id));
        var offsets = await admin.ListOffsetsAsync([new() { TopicPartition = new(topic, 1), OffsetSpec = OffsetSpec.Latest() }]);
        Assert.Equal(0, offsets.ResultInfos.Single().TopicPartitionOffsetError.Offset.Value);

        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        await admin.IncrementalAlterConfigsAsync(new()
        {
            [resource] = [new ConfigEntry { Name = "retention.ms", Value = "60000", IncrementalOperation = AlterConfigOpType.Set }],
        });
        Assert.Equal("60000", (await admin.DescribeConfigsAsync([resource])).Single().Entries["retention.ms"].Value);
    }
}
