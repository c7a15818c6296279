using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// An API that only the active controller can serve: the request travels to it as it came, in an Envelope (KIP-590), or is handed to the
/// controller of this node when that is active.
/// </summary>
internal sealed class ForwardedEntry<TResponse>(ApiKey key, ControllerChannel controller, HandlerEntry? here, TimeSpan timeout)
    : HandlerEntry(key, ApiVersionRange.Stable(key), mayOverlap: false, isAdvertised: true)
    where TResponse : class, IMessage<TResponse>
{
    public override void Start(RequestExchange exchange, ReadOnlyMemory<byte> body) => AnswerLater(exchange, CallAsync(exchange.Context, body));

    public override ValueTask<IMessage?> CallAsync(RequestContext context, ReadOnlyMemory<byte> body) => new(ForwardAsync(context, body));

    private async Task<IMessage?> ForwardAsync(RequestContext context, ReadOnlyMemory<byte> body)
    {
        IMessage? answeredHere = null;
        EnvelopeResponse answer;
        try
        {
            answer = await controller.CallAsync<EnvelopeRequest, EnvelopeResponse>(
                ForwardedRequest.Seal(context, body), here is null ? null : HereAsync, static envelope => envelope.ErrorCode, timeout, context.Session.Closed).ConfigureAwait(false);
        }
        catch (TimeoutException cause)
        {
            throw new CloseConnectionException(cause.Message);
        }

        if (answeredHere is not null) return answeredHere;
        if (answer.ErrorCode != ErrorCode.None || answer.ResponseData is not { } response)
            throw new CloseConnectionException($"the controller answers {answer.ErrorCode}");
        return ForwardedRequest.Decode<TResponse>(response, context);

        async Task<EnvelopeResponse> HereAsync(EnvelopeRequest sealedRequest, CancellationToken token)
        {
            try
            {
                answeredHere = await here!.CallAsync(context, body).ConfigureAwait(false);
            }
            catch (WireFormatException malformed)
            {
                // The client's fault: to try again would read the same bytes.
                throw new CloseConnectionException(malformed.Message);
            }

            return new EnvelopeResponse();
        }
    }
}
