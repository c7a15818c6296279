using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Creates topics that clients use before anybody created them, internal ones with the properties that Kafka gives them.</summary>
public sealed class TopicCreation(IActiveController controller, ClusterView cluster, TimeProvider time)
{
    private const short ControllerDefault = -1;

    // Behind a client's question wait the others of its connection; without a controller they must not wait as long as it is without one.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _underWay = new(StringComparer.Ordinal);

    /// <summary>The broker's handlers: a client with quotas creates topics as if it had asked for that itself (KIP-599).</summary>
    public HandlerTable? Handlers { private get; set; }

    /// <summary>Begins to create topics that nobody is creating already, and waits until they are there, but not long: clients ask again.</summary>
    /// <param name="names">The topics.</param>
    /// <param name="token">Gives up waiting.</param>
    /// <param name="client">The request of the client that uses them; null for topics that the broker needs itself.</param>
    public async Task CreateAsync(IReadOnlyCollection<string> names, CancellationToken token, RequestContext? client = null)
    {
        try
        {
            await Task.WhenAll(Begin(names, client)).WaitAsync(WaitMax, time, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It goes on without the client.
        }
    }

    private Task[] Begin(IReadOnlyCollection<string> names, RequestContext? client)
    {
        lock (_gate)
        {
            string[] idle = [.. names.Where(name => !_underWay.ContainsKey(name))];
            if (idle.Length > 0)
            {
                Task creation = RequestAsync(idle, client);
                foreach (string name in idle) _underWay[name] = creation;
            }

            return [.. names.Select(name => _underWay[name]).Distinct()];
        }
    }

    private async Task RequestAsync(string[] names, RequestContext? client)
    {
        // The controller may be in this process and answer at once.
        await Task.Yield();
        try
        {
            ConfigValues values = cluster.BrokerValues();
            var request = new CreateTopicsRequest { Topics = [.. names.Select(name => Describe(name, values))] };
            if (client is { Quota: not null } && Handlers is { } handlers) await handlers.CallForAsync(client, request).ConfigureAwait(false);
            else await controller.CreateTopicsAsync(request, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CloseConnectionException)
        {
            // No controller has answered; whoever needs the topics asks again.
        }
        finally
        {
            lock (_gate)
                foreach (string name in names) _underWay.Remove(name);
        }
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
