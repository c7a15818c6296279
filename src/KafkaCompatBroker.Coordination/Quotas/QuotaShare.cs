namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>Those whose usage is counted together.</summary>
/// <param name="User">Name of the principal, null for all users.</param>
/// <param name="ClientId">Client id, null for all client ids.</param>
public readonly record struct QuotaShare(string? User, string? ClientId);

/// <summary>The quota that applies to a client.</summary>
/// <param name="Share">With whom the client shares it.</param>
/// <param name="PerSecond">Upper bound of what may be used a second.</param>
public readonly record struct QuotaLimit(QuotaShare Share, double PerSecond);
