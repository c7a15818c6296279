using System.Net;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>This broker's connections to the others, one for each, made when they are needed. Any thread.</summary>
/// <param name="listener">The listener by which brokers reach each other.</param>
/// <param name="clientId">How this broker names itself.</param>
/// <param name="image">Where the others are.</param>
/// <param name="receiveBufferBytes">Receive buffers of the sockets; as the system has them when it is not positive.</param>
public sealed class PeerConnections(string listener, string clientId, Func<MetadataImage> image, int receiveBufferBytes = -1) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, NodeConnection> _connections = [];
    private bool _isDisposed;

    /// <summary>Asks another broker.</summary>
    /// <exception cref="IOException">It cannot be reached, or the connection failed.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="WireFormatException">The answer cannot be read.</exception>
    public Task<TResponse> CallAsync<TRequest, TResponse>(int brokerId, TRequest request, TimeSpan timeout)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse> =>
        Connection(brokerId).CallAsync<TRequest, TResponse>(request, timeout);

    /// <summary>As above; the answer's bytes are in the given memory, and good until that is used again.</summary>
    internal Task<TResponse> CallAsync<TRequest, TResponse>(int brokerId, TRequest request, TimeSpan timeout, ReusedFrame frame)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse> =>
        Connection(brokerId).CallAsync<TRequest, TResponse>(request, timeout, frame);

    /// <summary>Closes the connection to a broker; the next request makes another.</summary>
    public void Drop(int brokerId)
    {
        lock (_lock)
        {
            if (_connections.Remove(brokerId, out NodeConnection? connection))
                connection.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (NodeConnection connection in _connections.Values)
                connection.Dispose();
            _connections.Clear();
        }
    }

    private NodeConnection Connection(int brokerId)
    {
        if (!image().Brokers.TryGetValue(brokerId, out BrokerImage? broker) || broker.EndpointOf(listener) is not { } endpoint)
            throw new IOException($"Broker {brokerId} has no listener {listener}.");

        DnsEndPoint address = new(endpoint.Host, endpoint.Port);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connections.TryGetValue(brokerId, out NodeConnection? known))
            {
                if (!known.IsBroken && known.Address.Equals(address))
                    return known;
                known.Dispose();
            }

            return _connections[brokerId] = new NodeConnection(address, clientId, receiveBufferBytes);
        }
    }
}
