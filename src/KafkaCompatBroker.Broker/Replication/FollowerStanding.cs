using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>What the metadata says about a broker that fetches as a follower (KIP-841, KIP-903).</summary>
public enum FollowerStanding
{
    /// <summary>It may enter in-sync replicas.</summary>
    Eligible,

    /// <summary>It is fenced, shutting down or not yet known in this start: it may copy, no more.</summary>
    Ineligible,

    /// <summary>It has been started again since.</summary>
    Outdated,
}

/// <summary>Finds the <see cref="FollowerStanding"/> of a broker.</summary>
internal static class FollowerStandings
{
    public static FollowerStanding Of(MetadataImage image, int brokerId, long brokerEpoch)
    {
        BrokerImage? broker = image.Brokers.GetValueOrDefault(brokerId);
        if (broker is not null && brokerEpoch != -1 && brokerEpoch < broker.Epoch)
            return FollowerStanding.Outdated;
        return broker is { IsActive: true } && (brokerEpoch == -1 || brokerEpoch == broker.Epoch) ? FollowerStanding.Eligible : FollowerStanding.Ineligible;
    }
}
