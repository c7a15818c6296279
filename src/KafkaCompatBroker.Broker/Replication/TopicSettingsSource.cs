using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// The settings of topics. Those without properties of their own, most of many thousands, share one object, which is worked out again only when the
/// broker's dynamic properties change. Any thread.
/// </summary>
public sealed class TopicSettingsSource(ConfigResolver resolver, int brokerId)
{
    private volatile Inherited? _inherited;

    public TopicSettings Of(MetadataImage image, string topic)
    {
        Inherited inherited = InheritedAt(image);
        return image.Configs.TryGetValue(ConfigResource.Topic(topic), out var own)
            ? TopicSettings.Of(resolver.TopicValues(own, inherited.Dynamic), inherited.Broker, brokerId)
            : inherited.Topic;
    }

    private Inherited InheritedAt(MetadataImage image)
    {
        DynamicBrokerConfigs dynamic = image.DynamicConfigsOf(brokerId);
        Inherited? known = _inherited;
        if (known is not null && ReferenceEquals(known.Dynamic.OfBroker, dynamic.OfBroker) && ReferenceEquals(known.Dynamic.OfCluster, dynamic.OfCluster))
            return known;

        ConfigValues broker = resolver.BrokerValues(dynamic);
        ConfigValues topic = resolver.TopicValues(DynamicBrokerConfigs.None.OfBroker, dynamic);
        return _inherited = new Inherited(dynamic, broker, TopicSettings.Of(topic, broker, brokerId));
    }

    private sealed record Inherited(DynamicBrokerConfigs Dynamic, ConfigValues Broker, TopicSettings Topic);
}
