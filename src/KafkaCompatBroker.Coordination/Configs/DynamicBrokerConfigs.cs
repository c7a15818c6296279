namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Dynamic broker properties: those of one broker and those of all (KIP-226).</summary>
public sealed record DynamicBrokerConfigs(IReadOnlyDictionary<string, string> OfBroker, IReadOnlyDictionary<string, string> OfCluster)
{
    private static readonly Dictionary<string, string> Nothing = [];

    public static DynamicBrokerConfigs None { get; } = new(Nothing, Nothing);
}
