namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Whom a client quota is for: values by entity type (user, client-id, ip), a null value is the default entity.</summary>
public sealed class QuotaEntity : IEquatable<QuotaEntity>
{
    private readonly (string Type, string? Name)[] _parts;

    public QuotaEntity(IEnumerable<(string Type, string? Name)> parts) =>
        _parts = [.. parts.OrderBy(static part => part.Type, StringComparer.Ordinal)];

    /// <summary>The parts in order of their types.</summary>
    public IReadOnlyList<(string Type, string? Name)> Parts => _parts;

    public bool Equals(QuotaEntity? other) => other is not null && _parts.AsSpan().SequenceEqual(other._parts);

    public override bool Equals(object? obj) => Equals(obj as QuotaEntity);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach ((string Type, string? Name) part in _parts) hash.Add(part);
        return hash.ToHashCode();
    }
}
