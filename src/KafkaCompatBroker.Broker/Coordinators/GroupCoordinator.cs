using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>The coordinator of groups with the properties of this broker.</summary>
public sealed class GroupCoordinator(ClusterView cluster)
{
    private volatile CurrentSettings? _settings;

    /// <summary>Makes the runtime; it serves once it follows the metadata.</summary>
    public CoordinatorRuntime<GroupShard> CreateRuntime(PartitionHost partitions, TimerQueue timers, TimeProvider time, ILogger logger)
    {
        ConfigValues values = cluster.BrokerValues();
        CoordinatorOptions options = new()
        {
            BrokerId = cluster.NodeId,
            Log = CoordinatorLog.Group,
            Topic = TopicName.GroupMetadata,
            Codec = (CompressionType)values.Int("offsets.topic.compression.codec"),
            CommitTimeoutMs = () => cluster.BrokerValues().Int("offsets.commit.timeout.ms"),
            AppendLingerMs = values.Int("group.coordinator.append.linger.ms"),
            KeptBufferBytesMax = () => cluster.BrokerValues().Int("group.coordinator.cached.buffer.max.bytes"),
            LoadBufferBytes = values.Int("offsets.load.buffer.size"),
            LoadsAtOnce = Math.Min(values.Int("group.coordinator.threads"), Environment.ProcessorCount),
        };
        return new CoordinatorRuntime<GroupShard>(options, (_, _) => new GroupShard(Settings, RandomId.Next), partitions, timers, time, logger);
    }

    /// <summary>The present settings, read once for each change of properties.</summary>
    private GroupSettings Settings()
    {
        ConfigValues values = cluster.BrokerValues();
        if (_settings is { } known && ReferenceEquals(known.Source, values))
            return known.Settings;

        GroupSettings settings = GroupSettings.From(values);
        _settings = new CurrentSettings(values, settings);
        return settings;
    }

    private sealed record CurrentSettings(ConfigValues Source, GroupSettings Settings);
}
