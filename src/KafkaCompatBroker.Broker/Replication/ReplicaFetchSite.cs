using KafkaCompatBroker.Coordination.Partitions;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>What all lanes of replica fetchers have in common.</summary>
/// <param name="Limits">How to fetch.</param>
/// <param name="Timeout">Longest wait for an answer.</param>
/// <param name="BrokerEpoch">The broker epoch now.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Receives what operators should know.</param>
internal sealed record ReplicaFetchSite(FollowerLimits Limits, TimeSpan Timeout, Func<long> BrokerEpoch, TimeProvider Time, ILogger Logger)
{
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
