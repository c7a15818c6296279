using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// PushTelemetry (72), v0: metrics of a client (KIP-714). Checked like Apache Kafka does (UNKNOWN_SUBSCRIPTION_ID, TELEMETRY_TOO_LARGE and so on);
/// what passes goes nowhere, since there is no receiver. Not offered in ApiVersions for that reason.
/// </summary>
public sealed class PushTelemetryHandler(TelemetryReception reception) : IRequestHandler<PushTelemetryRequest, PushTelemetryResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.PushTelemetry);

    public ValueTask<PushTelemetryResponse> HandleAsync(RequestContext context, PushTelemetryRequest request, CancellationToken token) =>
        ValueTask.FromResult(new PushTelemetryResponse { ErrorCode = reception.Push(context, request) });
}
