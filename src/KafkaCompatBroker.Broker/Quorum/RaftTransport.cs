using System.Net;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using Wire = KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Carries this node's requests to the other nodes of the quorum, over one connection to each that is made when it is needed. Every request
/// is answered, if only by the news that no answer came. Send is called by the driver's thread; answers come on others.
/// </summary>
public sealed class RaftTransport(QuorumEndpoints endpoints, string clusterId, int nodeId, int requestTimeoutMs) : IDisposable
{
    private readonly Dictionary<DnsEndPoint, NodeConnection> _connections = [];
    private readonly TimeSpan _requestTimeout = TimeSpan.FromMilliseconds(requestTimeoutMs);

    public QuorumEndpoints Endpoints { get; } = endpoints;

    /// <summary>Where others reach this node; set before the first request.</summary>
    public IReadOnlyList<VoterEndpoint> OwnEndpoints { get; set; } = [];

    internal void Send(RaftMessage request, int bytesMax, Action<RaftMessage> answer)
    {
        if ((Endpoints.Find(request.Destination) ?? Substitute(request)) is not { } address)
        {
            answer(Unanswered(request));
            return;
        }
        if (!_connections.TryGetValue(address, out var connection) || connection.IsBroken)
        {
            connection?.Dispose();
            _connections[address] = connection = new NodeConnection(address, $"raft-client-{nodeId}");
        }
        _ = SendAsync(connection, request, bytesMax, answer);
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values) connection.Dispose();
    }

    /// <summary>What the core is told when no answer came.</summary>
    internal static RaftResponse Unanswered(RaftMessage request) => request switch
    {
        FetchRequest => new FetchResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        FetchSnapshotRequest => new FetchSnapshotResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        VoteRequest => new VoteResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader, false),
        BeginQuorumEpochRequest => new BeginQuorumEpochResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        EndQuorumEpochRequest => new EndQuorumEpochResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        _ => throw new ArgumentException($"{request.GetType().Name} is no request.", nameof(request)),
    };

    // After a start the leader may be known but not where it listens; whoever is asked instead says where.
    private DnsEndPoint? Substitute(RaftMessage request) => request is FetchRequest ? Endpoints.NextBootstrap() : null;

    private async Task SendAsync(NodeConnection connection, RaftMessage request, int bytesMax, Action<RaftMessage> answer)
    {
        RaftResponse? answered = null;
        try
        {
            answered = await CallAsync(connection, request, bytesMax).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException)
        {
            // The core tries again after its pause; a connection that failed once may have an answer to another request on its way.
            connection.Dispose();
        }
        answer(answered ?? Unanswered(request));
    }

    private async Task<RaftResponse?> CallAsync(NodeConnection connection, RaftMessage request, int bytesMax)
    {
        switch (request)
        {
            case FetchRequest fetch:
                var fetched = await connection.CallAsync<Wire.FetchRequest, Wire.FetchResponse>(version => FetchMessages.ToWire(fetch, version, clusterId, bytesMax), _requestTimeout).ConfigureAwait(false);
                foreach (var node in fetched.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
                return FetchMessages.FromWire(fetched, fetch);
            case VoteRequest vote:
                var voted = await connection.CallAsync<Wire.VoteRequest, Wire.VoteResponse>(ElectionMessages.ToWire(vote, clusterId), _requestTimeout).ConfigureAwait(false);
                foreach (var node in voted.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
                return ElectionMessages.FromWire(voted, vote);
            case BeginQuorumEpochRequest begin:
                var begun = await connection.CallAsync<Wire.BeginQuorumEpochRequest, Wire.BeginQuorumEpochResponse>(
                    ElectionMessages.ToWire(begin, clusterId, OwnEndpoints), _requestTimeout).ConfigureAwait(false);
                foreach (var node in begun.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
                return ElectionMessages.FromWire(begun, begin);
            case EndQuorumEpochRequest end:
                var ended = await connection.CallAsync<Wire.EndQuorumEpochRequest, Wire.EndQuorumEpochResponse>(
                    ElectionMessages.ToWire(end, clusterId, OwnEndpoints), _requestTimeout).ConfigureAwait(false);
                foreach (var node in ended.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
                return ElectionMessages.FromWire(ended, end);
            default:
                return null;
        }
    }
}
