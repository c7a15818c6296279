using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// Serves one API. Called on the connection's socket callback: what runs before the first incomplete await must not block. A response
/// type declared nullable (<c>ProduceResponse?</c>) may be null, which means that this request has no answer.
/// </summary>
/// <remarks>
/// Memory of the request (bytes, records) is a slice of the frame, valid until the returned task completes. Memory that the response
/// refers to is kept alive by <see cref="RequestContext.AddLease"/>. <see cref="CloseConnectionException"/> closes the connection.
/// </remarks>
public interface IRequestHandler<TRequest, TResponse>
    where TRequest : class, IRequest<TRequest>
    where TResponse : class?, IMessage?
{
    /// <summary>What ApiVersions offers and the dispatcher lets through.</summary>
    static abstract ApiVersionRange Versions { get; }

    /// <summary>
    /// True: the next request of the connection may start while this one waits, provided that it is of the same API. The handler then has
    /// done everything that order matters for (appended the records) before its first incomplete await. False is Kafka's own
    /// behaviour: one request of a connection at a time.
    /// </summary>
    static virtual bool MayOverlap => false;

    /// <summary>True for what a client sends at long intervals without anybody waiting for the answer: see <see cref="KafkaCompatBroker.Network.Connection.MarkRoutine"/>.</summary>
    static virtual bool IsRoutine => false;

    /// <param name="context">Who asks, in which version, when.</param>
    /// <param name="request">The decoded request.</param>
    /// <param name="token">Cancelled when the connection ends.</param>
    ValueTask<TResponse> HandleAsync(RequestContext context, TRequest request, CancellationToken token);
}
