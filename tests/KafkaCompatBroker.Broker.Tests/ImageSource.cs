using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Tests;

/// <summary>Publishes images of metadata that a test makes record by record, to a node 1 that has no quorum.</summary>
internal sealed class ImageSource
{
    private long _offset;

    public MetadataPublisher Publisher { get; } = new();

    public static BrokerConfig Config(string directory) => BrokerConfig.From(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["process.roles"] = "broker,controller",
        ["node.id"] = "1",
        ["listeners"] = "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
        ["controller.listener.names"] = "CONTROLLER",
        ["controller.quorum.bootstrap.servers"] = "127.0.0.1:0",
        ["log.dirs"] = directory,
    });

    public void Publish(params IMessage[] records)
    {
        MetadataDelta delta = new(Publisher.Image);
        foreach (IMessage record in records)
            delta.Apply(record);
        Publisher.Publish(delta.ToImage(++_offset, 1), delta.Changes);
    }
}
