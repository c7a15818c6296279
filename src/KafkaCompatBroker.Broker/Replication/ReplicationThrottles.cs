using System.Globalization;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The throttles of a broker, with the limits that operators set while it runs; server.properties cannot set any.</summary>
public sealed class ReplicationThrottles
{
    /// <param name="values">The broker's properties.</param>
    /// <param name="time">The clock.</param>
    public ReplicationThrottles(ConfigValues values, TimeProvider time)
    {
        int windows = values.Int("replication.quota.window.num");
        long windowMs = values.Int("replication.quota.window.size.seconds") * 1000L;
        Leaders = new(new ByteRate(windows, windowMs), time);
        Followers = new(new ByteRate(windows, windowMs), time);
        Moves = new(
            new ByteRate(values.Int("alter.log.dirs.replication.quota.window.num"), values.Int("alter.log.dirs.replication.quota.window.size.seconds") * 1000L), time);
    }

    /// <summary>What leaders here give to followers elsewhere.</summary>
    public ReplicationThrottle Leaders { get; }

    /// <summary>What followers here take from leaders elsewhere.</summary>
    public ReplicationThrottle Followers { get; }

    /// <summary>What replicas copy that move between log directories.</summary>
    public ReplicationThrottle Moves { get; }

    /// <summary>Takes over limits that may have changed.</summary>
    public void Configure(DynamicBrokerConfigs configs)
    {
        Leaders.BytesPerSecondMax = Limit(configs, "leader.replication.throttled.rate");
        Followers.BytesPerSecondMax = Limit(configs, "follower.replication.throttled.rate");
        Moves.BytesPerSecondMax = Limit(configs, "replica.alter.log.dirs.io.max.bytes.per.second");
    }

    private static long Limit(DynamicBrokerConfigs configs, string property) =>
        (configs.OfBroker.TryGetValue(property, out string? value) || configs.OfCluster.TryGetValue(property, out value))
        && long.TryParse(value, CultureInfo.InvariantCulture, out long limit)
            ? limit
            : long.MaxValue;
}
