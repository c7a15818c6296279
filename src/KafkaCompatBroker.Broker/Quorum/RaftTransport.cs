using System.Net;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using WireFetchRequest = KafkaCompatBroker.Protocol.Messages.FetchRequest;
using WireFetchResponse = KafkaCompatBroker.Protocol.Messages.FetchResponse;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Carries this node's fetches to the controllers, over one connection to each that is made when it is needed. Every fetch is answered, if
/// only by the news that no answer came. Send is called by the driver's thread; answers come on others.
/// </summary>
public sealed class RaftTransport(QuorumEndpoints endpoints, string clusterId, int nodeId, int requestTimeoutMs) : IDisposable
{
    private readonly Dictionary<DnsEndPoint, NodeConnection> _connections = [];
    private readonly TimeSpan _requestTimeout = TimeSpan.FromMilliseconds(requestTimeoutMs);

    public QuorumEndpoints Endpoints { get; } = endpoints;

    internal void Send(Raft.FetchRequest request, int bytesMax, Action<Raft.RaftMessage> answer)
    {
        // After a start the leader may be known but not where it listens; whoever is asked instead says where.
        if ((Endpoints.Find(request.Destination) ?? Endpoints.Find(QuorumEndpoints.BootstrapId(0))) is not { } address)
        {
            answer(RaftMessages.Unanswered(request));
            return;
        }
        if (!_connections.TryGetValue(address, out var connection) || connection.IsBroken)
        {
            connection?.Dispose();
            _connections[address] = connection = new NodeConnection(address, $"raft-client-{nodeId}");
        }
        _ = FetchAsync(connection, request, bytesMax, answer);
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values) connection.Dispose();
    }

    private async Task FetchAsync(NodeConnection connection, Raft.FetchRequest request, int bytesMax, Action<Raft.RaftMessage> answer)
    {
        var answered = RaftMessages.Unanswered(request);
        try
        {
            var response = await connection.CallAsync<WireFetchRequest, WireFetchResponse>(
                RaftMessages.ToWire(request, clusterId, bytesMax), RaftMessages.FetchVersion, _requestTimeout).ConfigureAwait(false);
            foreach (var node in response.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
            answered = RaftMessages.FromWire(response, request);
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException)
        {
            // The core tries again after its pause; a connection that failed once may have an answer to another request on its way.
            connection.Dispose();
        }
        answer(answered);
    }
}
