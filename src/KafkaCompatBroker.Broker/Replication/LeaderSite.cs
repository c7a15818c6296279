using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>What the leader of a partition needs of the broker around it.</summary>
/// <param name="IsAlive">Whether another broker is registered and not fenced.</param>
/// <param name="Propose">Takes a proposal of other in-sync replicas to the controller. Called without the partition's lock; must not block.</param>
/// <param name="LagTimeMaxMs">replica.lag.time.max.ms.</param>
public sealed record LeaderSite(Func<int, bool> IsAlive, Action<Partition, IsrProposal> Propose, long LagTimeMaxMs)
{
    private const long UsualLagTimeMaxMs = 30_000;

    /// <summary>For a broker that knows of no others.</summary>
    public static LeaderSite Alone { get; } = new(static _ => true, static (_, _) => { }, UsualLagTimeMaxMs);
}
