using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>
/// The state of the cluster after some record of the metadata log. Immutable, so any thread may read one without a lock;
/// <see cref="MetadataDelta"/> makes the next one and shares what did not change.
/// </summary>
public sealed record MetadataImage
{
    private static readonly ImmutableSortedDictionary<string, string> NoConfigs = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The state before the first record.</summary>
    public static MetadataImage Empty { get; } = new();

    /// <summary>Offset of the last record applied; -1 before the first.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>Leader epoch of the quorum at <see cref="Offset"/>.</summary>
    public int Epoch { get; init; }

    public ImmutableDictionary<string, TopicImage> TopicsByName { get; init; } = ImmutableDictionary.Create<string, TopicImage>(StringComparer.Ordinal);

    public ImmutableDictionary<Uuid, TopicImage> TopicsById { get; init; } = ImmutableDictionary<Uuid, TopicImage>.Empty;

    public ImmutableSortedDictionary<int, BrokerImage> Brokers { get; init; } = ImmutableSortedDictionary<int, BrokerImage>.Empty;

    public ImmutableSortedDictionary<int, ControllerImage> Controllers { get; init; } = ImmutableSortedDictionary<int, ControllerImage>.Empty;

    public ImmutableDictionary<ConfigResource, ImmutableSortedDictionary<string, string>> Configs { get; init; } =
        ImmutableDictionary<ConfigResource, ImmutableSortedDictionary<string, string>>.Empty;

    /// <summary>Finalized feature levels; a feature at level 0 is left out.</summary>
    public ImmutableSortedDictionary<string, short> Features { get; init; } = ImmutableSortedDictionary.Create<string, short>(StringComparer.Ordinal);

    /// <summary>First producer id that no broker has got yet.</summary>
    public long NextProducerId { get; init; }

    /// <summary>The last record that gave out producer ids; null before the first.</summary>
    public ProducerIdsRecord? LastProducerIds { get; init; }

    public ImmutableDictionary<QuotaEntity, ImmutableSortedDictionary<string, double>> ClientQuotas { get; init; } =
        ImmutableDictionary<QuotaEntity, ImmutableSortedDictionary<string, double>>.Empty;

    /// <summary>SCRAM credentials by user and mechanism (1 SHA-256, 2 SHA-512).</summary>
    public ImmutableDictionary<(string User, sbyte Mechanism), UserScramCredentialRecord> ScramCredentials { get; init; } =
        ImmutableDictionary<(string User, sbyte Mechanism), UserScramCredentialRecord>.Empty;

    public ImmutableDictionary<Uuid, AccessControlEntryRecord> Acls { get; init; } = ImmutableDictionary<Uuid, AccessControlEntryRecord>.Empty;

    /// <summary>Delegation tokens by token id.</summary>
    public ImmutableDictionary<string, DelegationTokenRecord> DelegationTokens { get; init; } =
        ImmutableDictionary.Create<string, DelegationTokenRecord>(StringComparer.Ordinal);

    /// <summary>The metadata.version, or 0 before it is set.</summary>
    public short MetadataVersion => Features.GetValueOrDefault(FeatureNames.MetadataVersion);

    /// <summary>True when partitions keep eligible leader replicas (KIP-966).</summary>
    public bool HasEligibleLeaderReplicas => Features.GetValueOrDefault(FeatureNames.EligibleLeaderReplicas) >= 1;

    /// <summary>The topic, or null.</summary>
    public TopicImage? Topic(string name) => TopicsByName.GetValueOrDefault(name);

    /// <summary>The topic, or null.</summary>
    public TopicImage? Topic(Uuid id) => TopicsById.GetValueOrDefault(id);

    /// <summary>Dynamic properties of a resource; empty when it has none.</summary>
    public ImmutableSortedDictionary<string, string> ConfigsOf(ConfigResource resource) => Configs.GetValueOrDefault(resource, NoConfigs);

    /// <summary>Dynamic properties of one broker and of all.</summary>
    public DynamicBrokerConfigs DynamicConfigsOf(int brokerId) =>
        new(ConfigsOf(ConfigResource.Broker(brokerId)), ConfigsOf(ConfigResource.AllBrokers));

    /// <summary>True when the broker is registered and neither fenced nor shutting down.</summary>
    public bool IsActive(int brokerId) => Brokers.TryGetValue(brokerId, out BrokerImage? broker) && broker.IsActive;

    /// <summary>
    /// False when a broker lost a log directory (KIP-858). Replicas without a directory yet are given one that works; a broker that names no directories
    /// registered when they were not kept.
    /// </summary>
    public bool HasDirectory(int brokerId, Uuid directory) =>
        directory == Uuid.UnassignedDirectory || directory == Uuid.MigratingDirectory || !Brokers.TryGetValue(brokerId, out BrokerImage? broker)
        || (directory != Uuid.LostDirectory && (broker.LogDirs.IsEmpty || broker.LogDirs.Contains(directory)));

    /// <summary>True when clients should see the broker.</summary>
    public bool IsAlive(int brokerId) => Brokers.TryGetValue(brokerId, out BrokerImage? broker) && !broker.IsFenced;
}
