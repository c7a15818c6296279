using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>
/// Applies records to an image and makes the next one. Not thread-safe; use once. A record that contradicts the image
/// is a broken log: it throws, which must stop the node rather than serve from a wrong state.
/// </summary>
public sealed class MetadataDelta : IStateMachine
{
    private readonly MetadataImage _base;
    private readonly TopicsDelta _topics;
    private readonly ClusterDelta _cluster;
    private readonly ImmutableDictionary<ConfigResource, ImmutableSortedDictionary<string, string>>.Builder _configs;
    private readonly ImmutableSortedDictionary<string, short>.Builder _features;
    private readonly SecurityDelta _security;
    private ProducerIdsRecord? _producerIds;

    public MetadataDelta(MetadataImage image)
    {
        _base = image;
        _topics = new TopicsDelta(image, Changes);
        _cluster = new ClusterDelta(image, Changes);
        _security = new SecurityDelta(image, Changes);
        _configs = image.Configs.ToBuilder();
        _features = image.Features.ToBuilder();
        _producerIds = image.LastProducerIds;
    }

    /// <summary>What was changed so far.</summary>
    public MetadataChanges Changes { get; } = new();

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The record contradicts the image.</exception>
    public void Apply(IMessage record)
    {
        switch (record)
        {
            case TopicRecord topic: _topics.Apply(topic); break;
            case PartitionRecord partition: _topics.Apply(partition); break;
            case PartitionChangeRecord change: _topics.Apply(change); break;
            case ClearElrRecord clear: _topics.Apply(clear); break;
            case RemoveTopicRecord remove:
                ConfigResource configs = ConfigResource.Topic(_topics.Remove(remove).Name);
                if (_configs.Remove(configs)) Changes.ChangedConfigs.Add(configs);
                break;
            case ConfigRecord config: Apply(config); break;
            case FeatureLevelRecord feature:
                if (feature.FeatureLevel == 0) _features.Remove(feature.Name);
                else _features[feature.Name] = feature.FeatureLevel;
                Changes.HasFeatureChanges = true;
                break;
            case ProducerIdsRecord producerIds: _producerIds = producerIds; break;
            case RegisterBrokerRecord or UnregisterBrokerRecord or FenceBrokerRecord or UnfenceBrokerRecord
                or BrokerRegistrationChangeRecord or RegisterControllerRecord or UnregisterControllerRecord:
                _cluster.Apply(record);
                break;
            case ClientQuotaRecord or UserScramCredentialRecord or RemoveUserScramCredentialRecord or AccessControlEntryRecord
                or RemoveAccessControlEntryRecord or DelegationTokenRecord or RemoveDelegationTokenRecord:
                _security.Apply(record);
                break;
            case NoOpRecord or BeginTransactionRecord or EndTransactionRecord or AbortTransactionRecord:
                break;
            default:
                throw new InvalidOperationException($"The metadata log holds a {record.GetType().Name}, which no supported version writes.");
        }
    }

    /// <summary>The image after the applied records.</summary>
    /// <param name="offset">Offset of the last one.</param>
    /// <param name="epoch">Leader epoch of the last one.</param>
    public MetadataImage ToImage(long offset, int epoch) => _security.Into(_cluster.Into(_topics.Into(_base))) with
    {
        Offset = offset,
        Epoch = epoch,
        Configs = _configs.ToImmutable(),
        Features = _features.ToImmutable(),
        LastProducerIds = _producerIds,
        NextProducerId = _producerIds?.NextProducerId ?? 0,
    };

    private void Apply(ConfigRecord record)
    {
        var resource = new ConfigResource((ConfigResourceType)record.ResourceType, record.ResourceName);
        ImmutableSortedDictionary<string, string> values = _configs.GetValueOrDefault(resource)
            ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        values = record.Value is null ? values.Remove(record.Name) : values.SetItem(record.Name, record.Value);
        if (values.IsEmpty) _configs.Remove(resource);
        else _configs[resource] = values;
        Changes.ChangedConfigs.Add(resource);
    }
}
