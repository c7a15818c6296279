namespace KafkaCompatBroker.Protocol.Messages;

/// <summary>Kinds of listeners that serve an API.</summary>
[Flags]
public enum ApiListeners
{
    None = 0,
    Broker = 1,
    Controller = 2,
}

/// <summary>
/// What is known of one API. Versions above <see cref="HighestStableVersion"/> are not offered unless unstable versions are enabled.
/// <see cref="FirstFlexibleVersion"/> is <see cref="short.MaxValue"/> when there is none.
/// </summary>
public sealed record ApiInfo(
    ApiKey Key,
    string Name,
    short LowestVersion,
    short HighestStableVersion,
    short HighestVersion,
    short FirstFlexibleVersion,
    ApiListeners Listeners);
