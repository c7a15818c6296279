using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>What creating and deleting topics and partitions have in common (KIP-599): the client's quota decides with the controller, and its throttle is told.</summary>
internal static class TopicChange
{
    public static async ValueTask<TResponse> RunAsync<TResponse>(
        ControllerShell controller,
        RequestContext context,
        short firstStrictVersion,
        Func<MetadataController, MutationQuota?, Decision<TResponse>> command,
        CancellationToken token)
        where TResponse : IThrottledResponse
    {
        bool isStrict = context.ApiVersion >= firstStrictVersion;
        MutationQuota? quota = null;
        TResponse response = await controller.ExecuteAsync(
            (active, nowMs) => command(active, quota = context.Quota?.Mutations(isStrict, nowMs)), token).ConfigureAwait(false);
        response.ThrottleTimeMs = quota?.ThrottleMs ?? 0;
        return response;
    }
}
