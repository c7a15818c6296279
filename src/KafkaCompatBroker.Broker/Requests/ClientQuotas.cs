using System.Collections.Concurrent;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Network;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// The quotas of users and client ids (KIP-13, KIP-124, KIP-546, KIP-599) as they are now, and what was used of them. While there is none,
/// a request costs one look at a field. Each node counts for itself, as in Kafka; what is used by partitions of topics the active controller counts.
/// </summary>
public sealed class ClientQuotas(ConfigValues values, TimerQueue timers, TimeProvider time)
{
    // As Kafka's sensors: who comes back later starts anew.
    private const long ForgottenAfterMs = 3_600_000;
    private const int SweepCountMin = 1024;

    private readonly QuotaWindows _windows = Windows(values, "quota.window.num", "quota.window.size.seconds");
    private readonly QuotaWindows _mutationWindows = Windows(values, "controller.quota.window.num", "controller.quota.window.size.seconds");
    private readonly ConcurrentDictionary<(QuotaKind Kind, QuotaShare Share), QuotaUsage> _usages = [];
    private readonly Lock _changing = new();
    private volatile QuotaTerm? _term;
    private int _sweepAtCount = SweepCountMin;

    internal TimeProvider Time => time;

    /// <summary>Monotonic time in milliseconds, in which usage is counted.</summary>
    internal long NowMs => timers.NowMs;

    internal QuotaWindows RateWindows => _windows;

    /// <summary>Takes over the quotas of the newest image, and from then on of each.</summary>
    public void Follow(MetadataPublisher publisher) => publisher.Follow(TakeOver, (before, after, _) =>
    {
        if (!ReferenceEquals(before.ClientQuotas, after.ClientQuotas)) TakeOver(after);
    });

    /// <summary>The quotas of a request that has just been read; null when its client is not limited.</summary>
    internal RequestQuota? Of(ClientSession session, string? clientId, Connection connection, int requestBytes)
    {
        if (_term is not { } term || LimitsOf(term, session, clientId) is not { IsLimited: true } limits) return null;
        return new RequestQuota(this, limits, session.Throttle ??= new ConnectionThrottle(connection, timers), requestBytes);
    }

    /// <summary>The quotas of a request that came inside another: whoever passed it on throttles its client.</summary>
    internal RequestQuota? OfForwarded(ClientSession session, string? clientId) =>
        _term is { } term && LimitsOf(term, session, clientId) is { IsLimited: true } limits ? new RequestQuota(this, limits, null, 0) : null;

    private ClientLimits LimitsOf(QuotaTerm term, ClientSession session, string? clientId)
    {
        if (session.Limits is { } known && known.HoldsFor(term, session.Principal, clientId)) return known;
        var byKind = new ClientLimit?[Enum.GetValues<QuotaKind>().Length];
        foreach (QuotaKind kind in Enum.GetValues<QuotaKind>())
        {
            if (term.Table.Find(kind, session.Principal.Name, clientId) is { } limit)
                byKind[(int)kind] = new ClientLimit(limit.PerSecond, UsageOf(kind, limit.Share));
        }

        return session.Limits = new ClientLimits(term, session.Principal, clientId, byKind);
    }

    private QuotaUsage UsageOf(QuotaKind kind, QuotaShare share)
    {
        if (_usages.Count >= Volatile.Read(ref _sweepAtCount)) Sweep();
        return _usages.GetOrAdd(
            (kind, share),
            static (key, windows) => new QuotaUsage(windows) { LastUsedMs = long.MaxValue },
            kind == QuotaKind.ControllerMutation ? _mutationWindows : _windows);
    }

    // A client that is forgotten while it is connected must not go on with usage that a second connection of it does not see.
    private void Sweep()
    {
        lock (_changing)
        {
            long beforeMs = NowMs - ForgottenAfterMs;
            foreach (((QuotaKind, QuotaShare) key, QuotaUsage usage) in _usages)
                if (usage.LastUsedMs < beforeMs) _usages.TryRemove(key, out _);
            _sweepAtCount = Math.Max(SweepCountMin, _usages.Count * 2);
            if (_term is { } term) _term = new QuotaTerm(term.Table);
        }
    }

    private void TakeOver(MetadataImage image)
    {
        QuotaTable table = QuotaTable.Of(image.ClientQuotas);
        lock (_changing) _term = table.IsEmpty ? null : new QuotaTerm(table);
    }

    private static QuotaWindows Windows(ConfigValues values, string count, string sizeSeconds) => new(values.Int(count), values.Int(sizeSeconds) * 1000L);
}
