using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class TopicSettingsSourceTests
{
    private readonly TopicSettingsSource _source = new(new ConfigResolver(new Dictionary<string, string> { ["log.segment.bytes"] = "2000000" }), brokerId: 1);

    [Fact]
    public void Topics_without_properties_share_what_the_broker_says_now()
    {
        MetadataImage image = MetadataImage.Empty;
        TopicSettings first = _source.Of(image, "a");
        Assert.Equal(2_000_000, first.Log.SegmentBytes);
        Assert.Same(first, _source.Of(image, "b"));

        image = Set(image, ConfigResource.Topic("b"), "segment.bytes", "3000000");
        Assert.Same(first, _source.Of(image, "a"));
        Assert.Equal(3_000_000, _source.Of(image, "b").Log.SegmentBytes);

        image = Set(image, ConfigResource.AllBrokers, "log.segment.bytes", "4000000");
        Assert.Equal(4_000_000, _source.Of(image, "a").Log.SegmentBytes);
        Assert.Equal(3_000_000, _source.Of(image, "b").Log.SegmentBytes);

        image = Set(image, ConfigResource.Broker(1), "log.segment.bytes", "5000000");
        Assert.Equal(5_000_000, _source.Of(image, "a").Log.SegmentBytes);
    }

    private static MetadataImage Set(MetadataImage image, ConfigResource resource, string name, string value)
    {
        var delta = new MetadataDelta(image);
        delta.Apply(new ConfigRecord { ResourceType = (sbyte)resource.Type, ResourceName = resource.Name, Name = name, Value = value });
        return delta.ToImage(image.Offset + 1, 1);
    }
}
