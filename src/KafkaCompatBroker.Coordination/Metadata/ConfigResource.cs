namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>What dynamic properties belong to; the empty broker name is the default of all brokers.</summary>
/// <remarks>A class: the runtime has collections of references compiled ahead, those of structs would be compiled at each start.</remarks>
public sealed record ConfigResource(ConfigResourceType Type, string Name)
{
    /// <summary>The default of all brokers.</summary>
    public static ConfigResource AllBrokers => new(ConfigResourceType.Broker, "");

    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    public static ConfigResource Broker(int id) => new(ConfigResourceType.Broker, id.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
