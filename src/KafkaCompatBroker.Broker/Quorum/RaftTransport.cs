using System.Net;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using Wire = KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Carries this node's requests to the other nodes of the quorum, over one connection to each that is made when it is needed. Every request
/// is answered, if only by the news that no answer came. Send is called by the driver's thread; answers come on others.
/// </summary>
public sealed class RaftTransport(QuorumEndpoints endpoints, string clusterId, int nodeId, RaftTransportOptions options) : IDisposable
{
    private readonly Dictionary<DnsEndPoint, NodeConnection> _connections = [];
    private readonly TimeSpan _requestTimeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs);

    public QuorumEndpoints Endpoints { get; } = endpoints;

    /// <summary>Where others reach this node; set before the first request.</summary>
    public IReadOnlyList<VoterEndpoint> OwnEndpoints { get; set; } = [];

    internal void Send(RaftMessage request, Action<RaftMessage> answer)
    {
        if ((Named(request) ?? Endpoints.Find(request.Destination) ?? Substitute(request)) is not { } address)
        {
            answer(Unanswered(request));
            return;
        }
        if (!_connections.TryGetValue(address, out var connection) || connection.IsBroken)
        {
            connection?.Dispose();
            _connections[address] = connection = new NodeConnection(address, $"raft-client-{nodeId}");
        }
        _ = SendAsync(connection, request, answer);
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
        AddVoterRequest => new AddVoterResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        RemoveVoterRequest => new RemoveVoterResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        UpdateVoterRequest => new UpdateVoterResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, QuorumStateRecord.NoLeader),
        KRaftVersionRequest => new KRaftVersionResponse(request.CorrelationId, request.Destination, request.Source, RaftError.Disconnected, 0, 0),
        _ => throw new ArgumentException($"{request.GetType().Name} is no request.", nameof(request)),
    };

    private DnsEndPoint? Named(RaftMessage request) => request is KRaftVersionRequest asked ? Endpoints.Choose(asked.Endpoints) : null;

    // After a start the leader may be known but not where it listens; whoever is asked instead says where.
    private DnsEndPoint? Substitute(RaftMessage request) => request is FetchRequest ? Endpoints.NextBootstrap() : null;

    private async Task SendAsync(NodeConnection connection, RaftMessage request, Action<RaftMessage> answer)
    {
        RaftResponse? answered = null;
        try
        {
            answered = await CallAsync(connection, request).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException)
        {
            // The core tries again after its pause; a connection that failed once may have an answer to another request on its way.
            connection.Dispose();
        }
        answer(answered ?? Unanswered(request));
    }

    private async Task<RaftResponse?> CallAsync(NodeConnection connection, RaftMessage request) => request switch
    {
        FetchRequest fetch => await FetchAsync(connection, fetch).ConfigureAwait(false),
        FetchSnapshotRequest fetch => await FetchSnapshotAsync(connection, fetch).ConfigureAwait(false),
        VoteRequest vote => await VoteAsync(connection, vote).ConfigureAwait(false),
        BeginQuorumEpochRequest begin => await BeginAsync(connection, begin).ConfigureAwait(false),
        EndQuorumEpochRequest end => await EndAsync(connection, end).ConfigureAwait(false),
        AddVoterRequest add => VoterMessages.FromWire(
            await connection.CallAsync<Wire.AddRaftVoterRequest, Wire.AddRaftVoterResponse>(VoterMessages.ToWire(add, clusterId, options.RequestTimeoutMs), _requestTimeout).ConfigureAwait(false), add),
        RemoveVoterRequest remove => VoterMessages.FromWire(
            await connection.CallAsync<Wire.RemoveRaftVoterRequest, Wire.RemoveRaftVoterResponse>(VoterMessages.ToWire(remove, clusterId), _requestTimeout).ConfigureAwait(false), remove),
        UpdateVoterRequest update => VoterMessages.FromWire(
            await connection.CallAsync<Wire.UpdateRaftVoterRequest, Wire.UpdateRaftVoterResponse>(VoterMessages.ToWire(update, clusterId), _requestTimeout).ConfigureAwait(false), update),
        KRaftVersionRequest version => await AskVersionAsync(connection, version).ConfigureAwait(false),
        _ => null,
    };

    private async Task<RaftResponse?> FetchAsync(NodeConnection connection, FetchRequest request)
    {
        var answer = await connection.CallAsync<Wire.FetchRequest, Wire.FetchResponse>(
            version => FetchMessages.ToWire(request, version, clusterId, options.FetchBytesMax), _requestTimeout).ConfigureAwait(false);
        foreach (var node in answer.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
        return FetchMessages.FromWire(answer, request);
    }

    private async Task<RaftResponse?> FetchSnapshotAsync(NodeConnection connection, FetchSnapshotRequest request)
    {
        var answer = await connection.CallAsync<Wire.FetchSnapshotRequest, Wire.FetchSnapshotResponse>(
            SnapshotMessages.ToWire(request, clusterId, options.SnapshotBytesMax), _requestTimeout).ConfigureAwait(false);
        foreach (var node in answer.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
        return SnapshotMessages.FromWire(answer, request);
    }

    private async Task<RaftResponse?> VoteAsync(NodeConnection connection, VoteRequest request)
    {
        var answer = await connection.CallAsync<Wire.VoteRequest, Wire.VoteResponse>(ElectionMessages.ToWire(request, clusterId), _requestTimeout).ConfigureAwait(false);
        foreach (var node in answer.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
        return ElectionMessages.FromWire(answer, request);
    }

    private async Task<RaftResponse?> BeginAsync(NodeConnection connection, BeginQuorumEpochRequest request)
    {
        var answer = await connection.CallAsync<Wire.BeginQuorumEpochRequest, Wire.BeginQuorumEpochResponse>(
            ElectionMessages.ToWire(request, clusterId, OwnEndpoints), _requestTimeout).ConfigureAwait(false);
        foreach (var node in answer.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
        return ElectionMessages.FromWire(answer, request);
    }

    private async Task<RaftResponse?> EndAsync(NodeConnection connection, EndQuorumEpochRequest request)
    {
        var answer = await connection.CallAsync<Wire.EndQuorumEpochRequest, Wire.EndQuorumEpochResponse>(
            ElectionMessages.ToWire(request, clusterId, OwnEndpoints), _requestTimeout).ConfigureAwait(false);
        foreach (var node in answer.NodeEndpoints) Endpoints.Learn(node.NodeId, node.Host, node.Port);
        return ElectionMessages.FromWire(answer, request);
    }

    private async Task<RaftResponse?> AskVersionAsync(NodeConnection connection, KRaftVersionRequest request)
    {
        var answer = await connection.CallAsync<Wire.ApiVersionsRequest, Wire.ApiVersionsResponse>(NodeConnection.WhatIsServed(), _requestTimeout).ConfigureAwait(false);
        if (answer.ErrorCode != Wire.ErrorCode.None) return null;
        var feature = answer.SupportedFeatures.FirstOrDefault(static one => one.Name == FeatureNames.KRaftVersion);
        return new KRaftVersionResponse(request.CorrelationId, request.Destination, request.Source, RaftError.None, feature?.MinVersion ?? 0, feature?.MaxVersion ?? 0);
    }
}
