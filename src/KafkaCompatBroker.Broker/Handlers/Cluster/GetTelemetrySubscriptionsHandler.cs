using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Telemetry;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// GetTelemetrySubscriptions (71), v0: which metrics a client is to push, how often, and the id under which it does (KIP-714). A client without
/// an id is given one; who asks again before its interval is over gets THROTTLING_QUOTA_EXCEEDED. Not offered in ApiVersions, since nothing
/// here receives metrics, but answered, as by Apache Kafka without a receiver.
/// </summary>
public sealed class GetTelemetrySubscriptionsHandler(TelemetryReception reception) : IRequestHandler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.GetTelemetrySubscriptions);

    public ValueTask<GetTelemetrySubscriptionsResponse> HandleAsync(RequestContext context, GetTelemetrySubscriptionsRequest request, CancellationToken token)
    {
        Uuid instanceId = request.ClientInstanceId == Uuid.Zero ? RandomId.Next() : request.ClientInstanceId;
        ErrorCode error = reception.Subscribe(context, instanceId, out TelemetryTerms terms);
        return ValueTask.FromResult(error != ErrorCode.None
            ? new GetTelemetrySubscriptionsResponse { ErrorCode = error }
            : new GetTelemetrySubscriptionsResponse
            {
                ClientInstanceId = instanceId,
                SubscriptionId = terms.SubscriptionId,
                AcceptedCompressionTypes = [.. TelemetryClients.AcceptedCodecs.Select(static codec => (sbyte)codec)],
                PushIntervalMs = terms.PushIntervalMs,
                TelemetryMaxBytes = reception.BytesMax,
                DeltaTemporality = true,
                RequestedMetrics = [.. terms.Metrics],
            });
    }
}
