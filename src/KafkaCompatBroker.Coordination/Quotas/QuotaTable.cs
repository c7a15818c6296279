using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>
/// The quotas of users and client ids, ready to be looked up. The most specific one applies (KIP-55): a user with a client id before a
/// user, a user before a client id, and on each level a name before the default.
/// </summary>
public sealed class QuotaTable
{
    private const string UserType = "user";
    private const string ClientIdType = "client-id";

    private static readonly ImmutableArray<string> _keys =
        ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];

    // By kind; a null name is the default entity of its type, Absent means that the entity does not name the type.
    private readonly Dictionary<(Name User, Name ClientId), double>[] _limits = new Dictionary<(Name, Name), double>[_keys.Length];

    private QuotaTable()
    {
        for (int kind = 0; kind < _limits.Length; kind++) _limits[kind] = [];
    }

    /// <summary>Whether no user and no client id has a quota.</summary>
    public bool IsEmpty => Array.TrueForAll(_limits, static limits => limits.Count == 0);

    /// <summary>Takes the quotas of users and client ids out of an image.</summary>
    /// <param name="quotas">Values by property, by entity.</param>
    public static QuotaTable Of(IEnumerable<KeyValuePair<QuotaEntity, ImmutableSortedDictionary<string, double>>> quotas)
    {
        QuotaTable table = new();
        foreach ((QuotaEntity entity, ImmutableSortedDictionary<string, double> values) in quotas)
        {
            if (entity.Parts.Any(static part => part.Type is not (UserType or ClientIdType))) continue;
            (Name, Name) key = (NameIn(entity, UserType), NameIn(entity, ClientIdType));
            for (int kind = 0; kind < _keys.Length; kind++)
                if (values.TryGetValue(_keys[kind], out double limit)) table._limits[kind][key] = limit;
        }

        return table;
    }

    /// <summary>Finds the quota of a client.</summary>
    /// <param name="kind">What it limits.</param>
    /// <param name="user">Name of the client's principal.</param>
    /// <param name="clientId">Null or empty when the client sends none; then quotas that look at client ids do not apply to it, as in Kafka.</param>
    /// <returns>Null when the client may use as much as it wants.</returns>
    public QuotaLimit? Find(QuotaKind kind, string user, string? clientId)
    {
        Dictionary<(Name, Name), double> limits = _limits[(int)kind];
        if (limits.Count == 0) return null;
        Name name = Name.Of(user), id = Name.Of(clientId);
        bool hasClientId = !string.IsNullOrEmpty(clientId);
        double limit;
        if (hasClientId && (limits.TryGetValue((name, id), out limit) || limits.TryGetValue((name, Name.Default), out limit)))
            return new QuotaLimit(new QuotaShare(user, clientId), limit);
        if (limits.TryGetValue((name, Name.Absent), out limit)) return new QuotaLimit(new QuotaShare(user, null), limit);
        if (hasClientId && (limits.TryGetValue((Name.Default, id), out limit) || limits.TryGetValue((Name.Default, Name.Default), out limit)))
            return new QuotaLimit(new QuotaShare(user, clientId), limit);
        if (limits.TryGetValue((Name.Default, Name.Absent), out limit)) return new QuotaLimit(new QuotaShare(user, null), limit);
        return hasClientId && (limits.TryGetValue((Name.Absent, id), out limit) || limits.TryGetValue((Name.Absent, Name.Default), out limit))
            ? new QuotaLimit(new QuotaShare(null, clientId), limit)
            : null;
    }

    private static Name NameIn(QuotaEntity entity, string type)
    {
        foreach ((string partType, string? name) in entity.Parts)
            if (partType == type) return name is null ? Name.Default : Name.Of(name);
        return Name.Absent;
    }

    private readonly record struct Name(bool IsPresent, string? Text)
    {
        public static Name Absent => default;

        public static Name Default => new(true, null);

        public static Name Of(string? text) => new(true, text ?? "");
    }
}
