using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Network;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// Turns the frames of one listener into calls of handlers. Runs on the socket callback; a request that completes there is answered
/// there. Order of one connection: a request starts when all earlier ones are answered, except that produce requests start at once behind
/// produce requests, and fetches behind fetches. So appends keep their order without waiting for replicas, and otherwise every request
/// sees exactly what it sees with Kafka, which serves one at a time.
/// </summary>
public sealed class RequestDispatcher(
    HandlerTable table,
    ListenerIdentity listener,
    TimeProvider time,
    RequestMetrics metrics,
    ClientQuotas quotas,
    ILogger<RequestDispatcher> logger) : IConnectionHandler
{
    // A parked request must pin its own few bytes, not the receive buffer that it shares with many others.
    private const int CopiedFrameBytesMax = 2 * 1024;

    public void OnOpened(Connection connection) => connection.State = new ClientSession(connection.Closed);

    public bool OnFrame(Connection connection, ReadOnlyMemory<byte> frame)
    {
        try
        {
            RequestHead head = RequestHead.Read(frame);
            HandlerEntry? entry = table.Find(head.Key);
            if (entry is null || !entry.Versions.Contains(head.Version)) return Refuse(connection, head, entry);
            var session = (ClientSession)connection.State!;
            if (connection.OpenRequests > 0 && (!entry.MayOverlap || session.InService != entry.Key)) return false;
            if (entry.IsRoutine) connection.MarkRoutine();
            Start(connection, session, entry, head, frame);
        }
        catch (WireFormatException exception)
        {
            CloseFor(connection, exception.Message);
        }
        return true;
    }

    public void OnClosed(Connection connection, CloseReason reason) => (connection.State as ClientSession)?.Throttle?.End();

    private void Start(Connection connection, ClientSession session, HandlerEntry entry, RequestHead head, ReadOnlyMemory<byte> frame)
    {
        ReadOnlyMemory<byte> body = head.ReadBody(session, out string? clientId);
        ResponseSlot slot = connection.OpenSlot();
        if (body.Length <= CopiedFrameBytesMax && head.Key != ApiKey.Produce)
        {
            body = body.ToArray();
            slot.ReleaseFrame();
        }
        var context = new RequestContext
        {
            ApiKey = head.Key,
            ApiVersion = head.Version,
            CorrelationId = head.CorrelationId,
            ClientId = clientId,
            Session = session,
            Listener = listener,
            ConnectionId = connection.Id,
            RemoteAddress = connection.RemoteAddress,
            LocalAddress = connection.LocalAddress,
            NowMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Quota = entry.IsClusterAction ? null : quotas.Of(session, clientId, connection, frame.Length),
        };
        session.InService = entry.Key;
        metrics.Started(entry.Tag);
        var exchange = new RequestExchange(entry, context, slot, metrics, logger);
        try
        {
            entry.Start(exchange, body);
        }
        catch (Exception exception)
        {
            // Shell loop: a handler's failure ends its connection, never the broker.
            exchange.Fail(exception);
        }
    }

    /// <summary>KIP-511: only ApiVersions answers a version that the broker lacks, in version 0, so that any client can read it.</summary>
    private static bool Refuse(Connection connection, RequestHead head, HandlerEntry? entry)
    {
        if (head.Key != ApiKey.ApiVersions || entry is null)
        {
            CloseFor(connection, $"{head.Key} v{head.Version} is not served here");
            return true;
        }
        if (connection.OpenRequests > 0) return false;
        var buffer = new WireBuffer();
        buffer.WriteInt32(head.CorrelationId);
        ApiVersionsHandler.UnsupportedVersion(entry.Versions).Write(buffer, 0);
        connection.OpenSlot().Complete(new ResponseFrame(buffer.ToArray()));
        buffer.Dispose();
        return true;
    }

    /// <summary>Earlier answers still leave, in their turn.</summary>
    private static void CloseFor(Connection connection, string detail) =>
        connection.OpenSlot().CompleteAndClose(null, CloseReason.ProtocolViolation, detail);
}
