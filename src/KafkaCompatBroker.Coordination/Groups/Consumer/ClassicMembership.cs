namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>What a member of a consumer group that speaks the classic protocol told when it joined.</summary>
/// <param name="SessionTimeoutMs">How long it may be silent.</param>
/// <param name="Protocols">What it offers, the most liked first.</param>
internal sealed record ClassicMembership(int SessionTimeoutMs, IReadOnlyList<ClassicMembership.Offer> Protocols)
{
    public bool SameAs(ClassicMembership? other) =>
        other is not null && SessionTimeoutMs == other.SessionTimeoutMs && Protocols.Count == other.Protocols.Count &&
        Protocols.Zip(other.Protocols).All(static pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));

    /// <summary>A client-side assignor with the subscription as the client encoded it for that.</summary>
    internal sealed record Offer(string Name, byte[] Metadata);
}
