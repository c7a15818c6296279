using System.Net;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Telemetry;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The telemetry clients of this broker, for both handlers; any thread.</summary>
public sealed class TelemetryReception(ClusterView cluster)
{
    private readonly Lock _lock = new();
    private readonly TelemetryClients _clients = new();

    /// <summary>telemetry.max.bytes</summary>
    public int BytesMax => cluster.BrokerValues().Int("telemetry.max.bytes");

    public ErrorCode Subscribe(RequestContext context, Uuid instanceId, out TelemetryTerms terms)
    {
        lock (_lock)
            return _clients.Subscribe(cluster.Image, ClientOf(context, instanceId), context.NowMs, out terms);
    }

    public ErrorCode Push(RequestContext context, PushTelemetryRequest push)
    {
        lock (_lock)
            return _clients.Push(cluster.Image, ClientOf(context, push.ClientInstanceId), push, BytesMax, context.NowMs);
    }

    private static TelemetryClient ClientOf(RequestContext context, Uuid instanceId) => new(
        instanceId,
        context.ClientId ?? "",
        context.Session.SoftwareName,
        context.Session.SoftwareVersion,
        context.ClientHost,
        context.RemoteAddress is IPEndPoint address ? $"{address.Port}" : "");
}
