namespace KafkaCompatBroker.Broker.Requests;

/// <summary>Who a connection acts for, as authorization and quotas see it.</summary>
public sealed record Principal(string Type, string Name)
{
    public static Principal Anonymous { get; } = new("User", "ANONYMOUS");

    public override string ToString() => $"{Type}:{Name}";
}
