using System.Net;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// Envelope (58): a broker passes on a request that only the active controller serves, on behalf of its client (KIP-590). The answer inside
/// is in the version that the client asked in. INVALID_REQUEST for a request that cannot be read, closes its connection or travels in an envelope already,
/// UNSUPPORTED_VERSION for one that is not served here, NOT_CONTROLLER when this node is not the active controller.
/// </summary>
public sealed class EnvelopeHandler(HandlerTable table, ControllerShell controller, ClientQuotas quotas) : IRequestHandler<EnvelopeRequest, EnvelopeResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.Envelope);

    public async ValueTask<EnvelopeResponse> HandleAsync(RequestContext context, EnvelopeRequest request, CancellationToken token)
    {
        try
        {
            (HandlerEntry? entry, RequestContext inner, ReadOnlyMemory<byte> body) = Open(context, request);
            if (inner.ApiKey is ApiKey.Envelope or ApiKey.Fetch) return new EnvelopeResponse { ErrorCode = ErrorCode.InvalidRequest };
            if (entry is null || !entry.Versions.Contains(inner.ApiVersion)) return new EnvelopeResponse { ErrorCode = ErrorCode.UnsupportedVersion };
            if (!controller.IsActive) return new EnvelopeResponse { ErrorCode = ErrorCode.NotController };
            ValueTask<IMessage?> call = entry.CallAsync(inner, body);
            if (!call.IsCompleted) inner.Quota?.Pause();
            IMessage? answer = await call.ConfigureAwait(false);
            inner.Quota?.Settle(inner.ApiKey, answer);
            return answer is null
                ? new EnvelopeResponse { ErrorCode = ErrorCode.InvalidRequest }
                : new EnvelopeResponse { ResponseData = ForwardedRequest.Encode(answer, inner) };
        }
        catch (Exception refusal) when (refusal is WireFormatException or CloseConnectionException)
        {
            return new EnvelopeResponse { ErrorCode = ErrorCode.InvalidRequest };
        }
        catch (NotLeaderException)
        {
            return new EnvelopeResponse { ErrorCode = ErrorCode.NotController };
        }
    }

    private (HandlerEntry? Entry, RequestContext Inner, ReadOnlyMemory<byte> Body) Open(RequestContext context, EnvelopeRequest request)
    {
        var session = new ClientSession(context.Session.Closed)
        {
            Principal = request.RequestPrincipal is { } principal ? ForwardedRequest.PrincipalOf(principal) : context.Principal,
        };
        RequestHead head = RequestHead.Read(request.RequestData);
        HandlerEntry? entry = table.Find(head.Key);
        string? clientId = null;
        ReadOnlyMemory<byte> body = entry is not null && entry.Versions.Contains(head.Version) ? head.ReadBody(session, out clientId) : default;
        var inner = new RequestContext
        {
            ApiKey = head.Key,
            ApiVersion = head.Version,
            CorrelationId = head.CorrelationId,
            ClientId = clientId,
            Session = session,
            Listener = context.Listener,
            ConnectionId = context.ConnectionId,
            RemoteAddress = request.ClientHostAddress.Length is 4 or 16 ? new IPEndPoint(new IPAddress(request.ClientHostAddress.Span), 0) : context.RemoteAddress,
            LocalAddress = context.LocalAddress,
            NowMs = context.NowMs,
            Quota = quotas.OfForwarded(session, clientId),
        };
        return (entry, inner, body);
    }
}
