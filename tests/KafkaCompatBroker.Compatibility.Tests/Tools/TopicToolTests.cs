using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>Tools that create, describe and change. A JVM takes seconds to start, so each test uses several tools on one topic.</summary>
[Collection(BrokerCollection.Name)]
public sealed class TopicToolTests(RunningBroker broker)
{
    [KafkaToolsFact]
    public async Task A_topic_is_created_listed_described_grown_and_deleted()
    {
        var topic = broker.NewTopicName("tools");
        var created = await TopicsAsync("--create", "--topic", topic, "--partitions", "2", "--config", "retention.ms=7200000");
        Assert.Contains($"Created topic {topic}.", created.Output, StringComparison.Ordinal);
        Assert.Contains(topic, (await TopicsAsync("--list")).Lines);

        await TopicsAsync("--alter", "--topic", topic, "--partitions", "3");
        var described = (await TopicsAsync("--describe", "--topic", topic)).Output;
        Assert.Matches($@"Topic: {topic}\s+TopicId: \S{{22}}\s+PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: \S*retention\.ms=7200000", described);
        Assert.Matches(@"Partition: 2\s+Leader: 1\s+Replicas: 1\s+Isr: 1", described);

        await TopicsAsync("--delete", "--topic", topic);
        Assert.DoesNotContain(topic, (await TopicsAsync("--list")).Lines);
    }

    [KafkaToolsFact]
    public async Task Configs_of_topics_and_brokers_are_described_and_altered()
    {
        var topic = broker.NewTopicName("tool-configs");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        await ToolAsync("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", topic,
            "--add-config", "max.message.bytes=54321,cleanup.policy=[compact,delete]");
        var altered = (await ToolAsync("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic)).Output;
        Assert.Contains("max.message.bytes=54321", altered, StringComparison.Ordinal);
        Assert.Contains("cleanup.policy=compact,delete", altered, StringComparison.Ordinal);

        await ToolAsync("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", topic, "--delete-config", "max.message.bytes");
        var all = (await ToolAsync("kafka-configs", "--describe", "--all", "--entity-type", "topics", "--entity-name", topic)).Output;
        Assert.Contains("max.message.bytes=1048588", all, StringComparison.Ordinal);
        Assert.Contains("segment.bytes=1073741824 sensitive=false synonyms={DEFAULT_CONFIG:log.segment.bytes=1073741824}", all, StringComparison.Ordinal);

        var brokers = (await ToolAsync("kafka-configs", "--describe", "--all", "--entity-type", "brokers", "--entity-name", "1")).Output;
        Assert.Contains($"log.dirs={broker.Node.DataDirectory}", brokers, StringComparison.Ordinal);
        Assert.Contains("node.id=1 sensitive=false synonyms={STATIC_BROKER_CONFIG:node.id=1", brokers, StringComparison.Ordinal);
    }

    private Task<CommandResult> TopicsAsync(params string[] arguments) => ToolAsync("kafka-topics", arguments);

    private Task<CommandResult> ToolAsync(string tool, params string[] arguments) =>
        KafkaTools.RunAsync(tool, ["--bootstrap-server", broker.Bootstrap, .. arguments]);
}
