using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// The handlers of one kind of listener, registered one by one when the broker is composed. ApiVersions is computed from it: what is not
/// here is neither offered nor served.
/// </summary>
public sealed class HandlerTable(ApiListeners kind)
{
    private readonly HandlerEntry?[] _byKey = new HandlerEntry?[ApiTable.All.Max(api => (int)api.Key) + 1];

    public ApiListeners Kind { get; } = kind;

    /// <summary>What ApiVersions offers, by key.</summary>
    public IEnumerable<(ApiKey Key, ApiVersionRange Versions)> Advertised =>
        _byKey.OfType<HandlerEntry>().Where(entry => entry.IsAdvertised).Select(entry => (entry.Key, entry.Versions));

    /// <summary>Every API with a handler, offered or not.</summary>
    public IEnumerable<ApiKey> Registered => _byKey.OfType<HandlerEntry>().Select(entry => entry.Key);

    /// <exception cref="ArgumentException">The API has a handler, does not belong on such a listener, or lacks a version.</exception>
    public HandlerTable Add<TRequest, TResponse, THandler>(THandler handler)
        where TRequest : class, IRequest<TRequest>
        where TResponse : class?, IMessage?
        where THandler : class, IRequestHandler<TRequest, TResponse> => Add(new HandlerEntry<TRequest, TResponse, THandler>(handler, true));

    /// <summary>Serves other versions of an API than its handler says: those that are not stable yet, where the operator wants them.</summary>
    /// <exception cref="ArgumentException">The API has a handler, does not belong on such a listener, or lacks a version.</exception>
    public HandlerTable Add<TRequest, TResponse, THandler>(THandler handler, ApiVersionRange versions)
        where TRequest : class, IRequest<TRequest>
        where TResponse : class?, IMessage?
        where THandler : class, IRequestHandler<TRequest, TResponse> => Add(new HandlerEntry<TRequest, TResponse, THandler>(handler, true, versions: versions));

    /// <summary>Serves an API that ApiVersions leaves out (telemetry without a receiver).</summary>
    public HandlerTable AddHidden<TRequest, TResponse, THandler>(THandler handler)
        where TRequest : class, IRequest<TRequest>
        where TResponse : class?, IMessage?
        where THandler : class, IRequestHandler<TRequest, TResponse> => Add(new HandlerEntry<TRequest, TResponse, THandler>(handler, false));

    /// <summary>Serves an API as long as this node is the active controller.</summary>
    /// <param name="handler">Throws <see cref="Quorum.NotLeaderException"/> when it is not.</param>
    /// <param name="refusal">Makes the answer that says NOT_CONTROLLER.</param>
    public HandlerTable AddActive<TRequest, TResponse, THandler>(THandler handler, Func<TRequest, ErrorCode, string, TResponse> refusal)
        where TRequest : class, IRequest<TRequest>
        where TResponse : class?, IMessage?
        where THandler : class, IRequestHandler<TRequest, TResponse> => Add(new HandlerEntry<TRequest, TResponse, THandler>(handler, true, refusal));

    /// <summary>Passes an API on to the active controller.</summary>
    /// <param name="controller">The way to a controller in another process.</param>
    /// <param name="here">The handlers of this node's own controller, null when it has none.</param>
    /// <param name="timeout">Longest wait for an answer.</param>
    public HandlerTable Forward<TRequest, TResponse>(ControllerChannel controller, HandlerTable? here, TimeSpan timeout)
        where TRequest : class, IRequest<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(new ForwardedEntry<TResponse>(TRequest.ApiKey, controller, here?.Find(TRequest.ApiKey), timeout));

    /// <summary>Serves what a client's request leads to as if the client had asked for it.</summary>
    /// <exception cref="CloseConnectionException">There is no answer.</exception>
    internal async Task CallForAsync<TRequest>(RequestContext client, TRequest request)
        where TRequest : class, IRequest<TRequest>
    {
        HandlerEntry entry = Find(TRequest.ApiKey) ?? throw new CloseConnectionException($"{TRequest.ApiKey} is not served here");
        short version = entry.Versions.Highest;
        using var body = new WireBuffer();
        request.Write(body, version);
        await entry.CallAsync(client.For(TRequest.ApiKey, version), body.ToArray()).ConfigureAwait(false);
    }

    internal HandlerEntry? Find(ApiKey key) => (uint)key < (uint)_byKey.Length ? _byKey[(int)key] : null;

    private HandlerTable Add(HandlerEntry entry)
    {
        ApiInfo api = ApiTable.Find(entry.Key) ?? throw new ArgumentException($"{entry.Key} has no messages");
        if ((api.Listeners & Kind) == 0) throw new ArgumentException($"{entry.Key} is not served on {Kind} listeners");
        if (entry.Versions.Lowest < api.LowestVersion || entry.Versions.Highest > api.HighestVersion)
        {
            throw new ArgumentException($"{entry.Key} has versions {api.LowestVersion} to {api.HighestVersion}, the handler says {entry.Versions}");
        }
        if (_byKey[(int)entry.Key] is not null) throw new ArgumentException($"{entry.Key} has two handlers");
        _byKey[(int)entry.Key] = entry;
        return this;
    }
}
