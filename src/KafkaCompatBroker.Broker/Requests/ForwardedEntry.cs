using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>An API that only the active controller can serve: the request travels to it as it came, in an Envelope (KIP-590).</summary>
internal sealed class ForwardedEntry(ApiKey key, ControllerChannel controller, TimeSpan timeout)
    : HandlerEntry(key, ApiVersionRange.Stable(key), mayOverlap: false, isAdvertised: true)
{
    private const short EnvelopeVersion = 0;

    public override void Start(RequestExchange exchange, ReadOnlyMemory<byte> body) => AnswerLater(exchange, CallAsync(exchange.Context, body));

    public override ValueTask<IMessage?> CallAsync(RequestContext context, ReadOnlyMemory<byte> body) => new(ForwardAsync(context, body));

    private async Task<IMessage?> ForwardAsync(RequestContext context, ReadOnlyMemory<byte> body)
    {
        EnvelopeResponse answer;
        try
        {
            answer = await controller.CallAsync<EnvelopeRequest, EnvelopeResponse>(
                ForwardedRequest.Seal(context, body), EnvelopeVersion, timeout, context.Session.Closed).ConfigureAwait(false);
        }
        catch (TimeoutException cause)
        {
            throw new CloseConnectionException(cause.Message);
        }

        if (answer.ErrorCode != ErrorCode.None || answer.ResponseData is not { } response)
            throw new CloseConnectionException($"the controller answers {answer.ErrorCode}");
        return ForwardedRequest.BodyOf(response, context);
    }
}
