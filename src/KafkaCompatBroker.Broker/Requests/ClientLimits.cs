using KafkaCompatBroker.Coordination.Quotas;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>The quotas that apply to one client; looked up once and kept by its connection until quotas change.</summary>
internal sealed class ClientLimits(QuotaTerm term, Principal principal, string? clientId, ClientLimit?[] byKind)
{
    public ClientLimit? this[QuotaKind kind] => byKind[(int)kind];

    /// <summary>Whether anything of this client is limited.</summary>
    public bool IsLimited { get; } = Array.Exists(byKind, static limit => limit is not null);

    public bool HoldsFor(QuotaTerm now, Principal who, string? id) =>
        ReferenceEquals(term, now) && ReferenceEquals(principal, who) && string.Equals(clientId, id, StringComparison.Ordinal);
}

/// <summary>A quota and what was used of it.</summary>
internal sealed record ClientLimit(double PerSecond, QuotaUsage Usage);

/// <summary>The time in which a table of quotas is in force; what was looked up before is void after it.</summary>
internal sealed class QuotaTerm(QuotaTable table)
{
    public QuotaTable Table => table;
}
