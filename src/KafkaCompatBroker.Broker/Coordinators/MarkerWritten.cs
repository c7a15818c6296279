namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>The answer to a transaction marker: it is committed.</summary>
internal sealed class MarkerWritten
{
    public static readonly MarkerWritten Instance = new();
}
