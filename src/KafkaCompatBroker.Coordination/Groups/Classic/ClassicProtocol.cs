namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>A protocol that a member offers, with what it tells the leader under it.</summary>
internal readonly record struct ClassicProtocol(string Name, byte[] Metadata)
{
    public bool Equals(ClassicProtocol other) => Name == other.Name && Metadata.AsSpan().SequenceEqual(other.Metadata);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
