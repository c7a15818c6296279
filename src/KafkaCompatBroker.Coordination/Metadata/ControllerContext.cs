using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>What a decision looks at: the state now, this node's settings, and where new topic ids come from.</summary>
internal sealed record ControllerContext(MetadataImage Image, ControllerSettings Settings, Func<Uuid> NewTopicId, CollidingNames Names)
{
    /// <summary>This node's properties; also the defaults of topics.</summary>
    public ConfigResolver Resolver => Settings.Resolver;

    /// <summary>Dynamic broker properties that topics inherit on this node.</summary>
    public DynamicBrokerConfigs Dynamic => Image.DynamicConfigsOf(Settings.NodeId);

    /// <summary>min.insync.replicas of a topic, not above its replication factor.</summary>
    public int MinInSyncReplicas(string topic, int replicationFactor)
    {
        string? text = Image.ConfigsOf(ConfigResource.Topic(topic)).GetValueOrDefault("min.insync.replicas")
            ?? Image.ConfigsOf(ConfigResource.AllBrokers).GetValueOrDefault("min.insync.replicas")
            ?? Resolver.BrokerValue("min.insync.replicas", DynamicBrokerConfigs.None);
        return Math.Min(int.TryParse(text?.Trim(), out int least) ? least : 1, replicationFactor);
    }

    /// <summary>unclean.leader.election.enable of a topic.</summary>
    public bool AllowsUncleanElection(string topic)
    {
        string? text = Image.ConfigsOf(ConfigResource.Topic(topic)).GetValueOrDefault("unclean.leader.election.enable")
            ?? Resolver.BrokerValue("unclean.leader.election.enable", Dynamic);
        return bool.TryParse(text?.Trim(), out bool isAllowed) && isAllowed;
    }
}
