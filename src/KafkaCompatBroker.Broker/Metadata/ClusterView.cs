using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What handlers know of the cluster: who this node is, and the newest image. Reads only; any thread.</summary>
public sealed class ClusterView(int nodeId, string clusterId, ConfigResolver configs, MetadataPublisher publisher, IQuorumView quorum) : IFeatureSource
{
    private volatile CurrentValues? _values;
    private int _turns;

    public int NodeId { get; } = nodeId;

    public string ClusterId { get; } = clusterId;

    /// <summary>This node's properties.</summary>
    public ConfigResolver Configs { get; } = configs;

    public MetadataImage Image => publisher.Image;

    /// <summary>The broker's values now, dynamic ones included.</summary>
    public ConfigValues BrokerValues()
    {
        MetadataImage image = Image;
        if (_values is { } known && ReferenceEquals(known.Source, image.Configs)) return known.Values;
        ConfigValues values = Configs.BrokerValues(image.DynamicConfigsOf(NodeId));
        _values = new CurrentValues(image.Configs, values);
        return values;
    }

    /// <summary>The active controller, as far as this node knows; -1 when it does not.</summary>
    public int ActiveControllerId => quorum.Leadership.LeaderId;

    /// <summary>
    /// A live broker to name as the controller, each in its turn so that clients spread over them: KRaft brokers forward what is for the
    /// controller (KIP-590). -1 when there is none.
    /// </summary>
    public int AnyLiveBroker()
    {
        int[] live = [.. Image.Brokers.Values.Where(static broker => !broker.IsFenced).Select(static broker => broker.Id)];
        return live.Length == 0 ? -1 : live[(uint)Interlocked.Increment(ref _turns) % (uint)live.Length];
    }

    /// <inheritdoc/>
    public IReadOnlyList<SupportedFeature> Supported { get; } = SupportedBy(configs);

    /// <inheritdoc/>
    public FinalizedFeatures Finalized
    {
        get
        {
            MetadataImage image = Image;
            return image.Features.IsEmpty
                ? FinalizedFeatures.None
                : new FinalizedFeatures(image.Offset, [.. image.Features.Select(static feature => new FinalizedFeature(feature.Key, feature.Value)), .. OfQuorum()]);
        }
    }

    // The quorum keeps its own version in control records; 0 means static voters and is not shown.
    private IEnumerable<FinalizedFeature> OfQuorum() =>
        quorum.KRaftVersion > 0 ? [new FinalizedFeature(FeatureNames.KRaftVersion, quorum.KRaftVersion)] : [];

    private static SupportedFeature[] SupportedBy(ConfigResolver configs)
    {
        bool hasUnstable = configs.BrokerValues(DynamicBrokerConfigs.None).Boolean("unstable.feature.versions.enable");
        return
        [
            .. (hasUnstable ? FeatureCatalog.SupportedWithUnstable : FeatureCatalog.Supported)
                .Select(static feature => new SupportedFeature(feature.Key, feature.Value.Lowest, feature.Value.Highest)),
        ];
    }

    // Parsed once for each change of dynamic properties.
    private sealed record CurrentValues(object Source, ConfigValues Values);
}
