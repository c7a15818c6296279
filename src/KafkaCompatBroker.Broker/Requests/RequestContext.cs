using System.Net;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>Everything about a request but its body: values, and the leases that its response needs until it is sent.</summary>
public sealed class RequestContext
{
    private List<IDisposable>? _leases;

    public required ApiKey ApiKey { get; init; }

    public required short ApiVersion { get; init; }

    public required int CorrelationId { get; init; }

    /// <summary>Null when the client sent none.</summary>
    public required string? ClientId { get; init; }

    public required ClientSession Session { get; init; }

    public required ListenerIdentity Listener { get; init; }

    public required long ConnectionId { get; init; }

    public required EndPoint RemoteAddress { get; init; }

    public required EndPoint LocalAddress { get; init; }

    /// <summary>When the request arrived, in milliseconds since 1970.</summary>
    public required long NowMs { get; init; }

    /// <summary>What the client may use; null when it is not limited.</summary>
    public RequestQuota? Quota { get; init; }

    public Principal Principal => Session.Principal;

    public string ListenerName => Listener.Name;

    /// <summary>The client's address as authorization and DescribeGroups show it.</summary>
    public string ClientHost => Session.Host(RemoteAddress);

    /// <summary>Keeps memory that the response refers to; disposed after the send, or when the request ends without one.</summary>
    public void AddLease(IDisposable lease) => (_leases ??= []).Add(lease);

    /// <summary>For a request that this node makes because of this one, on behalf of the same client; it outlives the connection.</summary>
    internal RequestContext For(ApiKey key, short version) => new()
    {
        ApiKey = key,
        ApiVersion = version,
        CorrelationId = CorrelationId,
        ClientId = ClientId,
        Session = new ClientSession(CancellationToken.None) { Principal = Principal },
        Listener = Listener,
        ConnectionId = ConnectionId,
        RemoteAddress = RemoteAddress,
        LocalAddress = LocalAddress,
        NowMs = NowMs,
        Quota = Quota,
    };

    internal List<IDisposable>? TakeLeases()
    {
        List<IDisposable>? leases = _leases;
        _leases = null;
        return leases;
    }

    internal void DisposeLeases()
    {
        foreach (IDisposable lease in TakeLeases() ?? []) lease.Dispose();
    }
}
