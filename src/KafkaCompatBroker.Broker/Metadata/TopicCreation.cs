using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Creates topics that clients use before anybody created them, internal ones with the properties that Kafka gives them.</summary>
public sealed class TopicCreation(IActiveController controller, ClusterView cluster)
{
    private const short ControllerDefault = -1;

    /// <summary>Creates topics; those that exist already are no error to the caller.</summary>
    /// <returns>The outcome for each name.</returns>
    public async Task<IReadOnlyDictionary<string, ErrorCode>> CreateAsync(IEnumerable<string> names, CancellationToken token)
    {
        ConfigValues values = cluster.BrokerValues();
        var request = new CreateTopicsRequest { Topics = [.. names.Select(name => Describe(name, values))] };
        CreateTopicsResponse response = await controller.CreateTopicsAsync(request, token).ConfigureAwait(false);
        return response.Topics.ToDictionary(
            static topic => topic.Name,
            static topic => topic.ErrorCode == ErrorCode.TopicAlreadyExists ? ErrorCode.None : topic.ErrorCode,
            StringComparer.Ordinal);
    }

    private bool IsSetHere(string property) => cluster.Configs.StaticConfigs.ContainsKey(property);

    private CreateTopicsRequest.CreatableTopic Describe(string name, ConfigValues values) => name switch
    {
        TopicName.GroupMetadata => Internal(name, values.Int("offsets.topic.num.partitions"), values.Short("offsets.topic.replication.factor"),
            ("compression.type", "producer"), ("cleanup.policy", "compact"), ("segment.bytes", values.Printed("offsets.topic.segment.bytes")!)),
        TopicName.TransactionState => Internal(name, values.Int("transaction.state.log.num.partitions"), values.Short("transaction.state.log.replication.factor"),
            ("compression.type", "uncompressed"), ("cleanup.policy", "compact"), ("segment.bytes", values.Printed("transaction.state.log.segment.bytes")!),
            ("min.insync.replicas", values.Printed("transaction.state.log.min.isr")!), ("unclean.leader.election.enable", "false")),
        TopicName.ShareGroupState => Internal(name, values.Int("share.coordinator.state.topic.num.partitions"), values.Short("share.coordinator.state.topic.replication.factor"),
            ("compression.type", "producer"), ("cleanup.policy", "delete"), ("retention.ms", "-1"), ("segment.bytes", values.Printed("share.coordinator.state.topic.segment.bytes")!),
            ("min.insync.replicas", values.Printed("share.coordinator.state.topic.min.isr")!)),
        _ => new CreateTopicsRequest.CreatableTopic
        {
            Name = name,
            NumPartitions = IsSetHere("num.partitions") ? values.Int("num.partitions") : ControllerDefault,
            ReplicationFactor = IsSetHere("default.replication.factor") ? (short)values.Int("default.replication.factor") : ControllerDefault,
        },
    };

    private static CreateTopicsRequest.CreatableTopic Internal(string name, int partitions, short replicationFactor, params (string Name, string Value)[] configs) => new()
    {
        Name = name,
        NumPartitions = partitions,
        ReplicationFactor = replicationFactor,
        Configs = [.. configs.Select(static config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value })],
    };
}
