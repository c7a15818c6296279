using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>What adding and removing a voter have in common (KIP-853): only for the named cluster, and only at the active controller.</summary>
internal static class VoterChange
{
    public static async ValueTask<TResponse> RunAsync<TResponse>(
        MetadataLog log,
        ClusterView cluster,
        string? clusterId,
        Func<long, RaftMessage> ask,
        Func<RaftResponse, TResponse> answered,
        Func<ErrorCode, string, TResponse> refused,
        CancellationToken token)
    {
        if (clusterId is not null && clusterId != cluster.ClusterId)
            return refused(ErrorCode.InconsistentClusterId, $"The given id \"{clusterId}\" doesn't match the cluster id \"{cluster.ClusterId}\"");

        try
        {
            return answered(await log.AskAsync(ask).WaitAsync(token).ConfigureAwait(false));
        }
        catch (NotLeaderException cause)
        {
            return refused(ErrorCode.BrokerNotAvailable, cause.Message);
        }
    }
}
