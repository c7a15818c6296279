using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>The versions of an API that a handler serves, both ends included.</summary>
public readonly record struct ApiVersionRange(short Lowest, short Highest)
{
    /// <summary>Every version that Kafka 4.4 serves.</summary>
    public static ApiVersionRange Stable(ApiKey key)
    {
        ApiInfo api = ApiTable.Find(key) ?? throw new ArgumentException($"there is no API {key}", nameof(key));
        return new ApiVersionRange(api.LowestVersion, api.HighestStableVersion);
    }

    public bool Contains(short version) => version >= Lowest && version <= Highest;
}
