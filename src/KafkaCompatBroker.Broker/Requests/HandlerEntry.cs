using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>A registered handler with its types forgotten, so that the dispatcher can keep all of them in one table.</summary>
internal abstract class HandlerEntry(ApiKey key, ApiVersionRange versions, bool mayOverlap, bool isAdvertised)
{
    public ApiKey Key { get; } = key;

    public ApiVersionRange Versions { get; } = versions;

    public bool MayOverlap { get; } = mayOverlap;

    public bool IsAdvertised { get; } = isAdvertised;

    public virtual bool IsRoutine => false;

    /// <summary>Nodes of the cluster ask it of each other; quotas of clients do not apply.</summary>
    public bool IsClusterAction { get; } = key is ApiKey.WriteTxnMarkers
        or ApiKey.Vote or ApiKey.BeginQuorumEpoch or ApiKey.EndQuorumEpoch or ApiKey.FetchSnapshot or ApiKey.UpdateRaftVoter
        or ApiKey.AlterPartition or ApiKey.AllocateProducerIds or ApiKey.AssignReplicasToDirs or ApiKey.Envelope
        or ApiKey.BrokerRegistration or ApiKey.BrokerHeartbeat or ApiKey.ControllerRegistration
        or ApiKey.InitializeShareGroupState or ApiKey.ReadShareGroupState or ApiKey.WriteShareGroupState
        or ApiKey.DeleteShareGroupState or ApiKey.ReadShareGroupStateSummary;

    public KeyValuePair<string, object?> Tag { get; } = RequestMetrics.Tag(key);

    /// <summary>Decodes the body and runs the handler; ends in <see cref="RequestExchange.Answer"/> now or later.</summary>
    public abstract void Start(RequestExchange exchange, ReadOnlyMemory<byte> body);

    /// <summary>Decodes the body and gives the handler's answer: for a request that came inside another.</summary>
    public abstract ValueTask<IMessage?> CallAsync(RequestContext context, ReadOnlyMemory<byte> body);

    /// <summary>The second half of the dispatcher's shell loop, for requests that could not be answered at once.</summary>
    protected static async void AnswerLater<TAnswer>(RequestExchange exchange, ValueTask<TAnswer> answer)
        where TAnswer : class?, IMessage?
    {
        exchange.Context.Quota?.Pause();
        try
        {
            exchange.Answer(await answer.ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            exchange.Fail(exception);
        }
    }
}

internal sealed class HandlerEntry<TRequest, TResponse, THandler>(
    THandler handler, bool isAdvertised, Func<TRequest, ErrorCode, string, TResponse>? refusal = null, ApiVersionRange? versions = null)
    : HandlerEntry(TRequest.ApiKey, versions ?? THandler.Versions, THandler.MayOverlap, isAdvertised)
    where TRequest : class, IRequest<TRequest>
    where TResponse : class?, IMessage?
    where THandler : class, IRequestHandler<TRequest, TResponse>
{
    public override bool IsRoutine { get; } = THandler.IsRoutine;

    public override void Start(RequestExchange exchange, ReadOnlyMemory<byte> body)
    {
        ValueTask<TResponse> answer = refusal is null
            ? handler.HandleAsync(exchange.Context, Read(exchange.Context, body), exchange.Context.Session.Closed)
            : HandleActiveAsync(exchange.Context, Read(exchange.Context, body), refusal);
        if (answer.IsCompletedSuccessfully) exchange.Answer(answer.Result);
        else AnswerLater(exchange, answer);
    }

    // Whoever passes a request on looks for another controller when this one does not lead.
    public override async ValueTask<IMessage?> CallAsync(RequestContext context, ReadOnlyMemory<byte> body) => refusal is null
        ? await handler.HandleAsync(context, Read(context, body), context.Session.Closed).ConfigureAwait(false)
        : await HandleBoundedAsync(context, Read(context, body), refusal).ConfigureAwait(false);

    private async ValueTask<TResponse> HandleActiveAsync(RequestContext context, TRequest request, Func<TRequest, ErrorCode, string, TResponse> refuse)
    {
        try
        {
            return await HandleBoundedAsync(context, request, refuse).ConfigureAwait(false);
        }
        catch (NotLeaderException)
        {
            return refuse(request, ErrorCode.NotController, ErrorCode.NotController.Message());
        }
    }

    private async ValueTask<TResponse> HandleBoundedAsync(RequestContext context, TRequest request, Func<TRequest, ErrorCode, string, TResponse> refuse)
    {
        try
        {
            return await handler.HandleAsync(context, request, context.Session.Closed).ConfigureAwait(false);
        }
        catch (CommandTooLargeException cause)
        {
            return refuse(request, ErrorCode.PolicyViolation, cause.Message);
        }
    }

    private static TRequest Read(RequestContext context, ReadOnlyMemory<byte> body)
    {
        // Bytes behind the body are ignored, as in Kafka.
        var reader = new WireReader(body);
        return TRequest.Read(ref reader, context.ApiVersion);
    }
}
