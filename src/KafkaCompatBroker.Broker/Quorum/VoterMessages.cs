using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using Wire = KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>AddRaftVoter, RemoveRaftVoter and UpdateRaftVoter between the wire and the Raft core (KIP-853).</summary>
internal static class VoterMessages
{
    /// <summary>Administrators have no node id.</summary>
    private const int Client = -1;

    public static Wire.AddRaftVoterRequest ToWire(AddVoterRequest request, string clusterId, int timeoutMs) => new()
    {
        ClusterId = clusterId,
        TimeoutMs = timeoutMs,
        VoterId = request.Replica.Id,
        VoterDirectoryId = VoterRecords.ToUuid(request.Replica.DirectoryId),
        Listeners = [.. request.Endpoints.Select(static one => new Wire.AddRaftVoterRequest.Listener { Name = one.Listener, Host = one.Host, Port = (ushort)one.Port })],
        AckWhenCommitted = request.AnswerWhenCommitted,
    };

    public static AddVoterRequest FromWire(Wire.AddRaftVoterRequest request, long correlationId, int localId) => new(
        correlationId,
        Client,
        localId,
        new ReplicaKey(request.VoterId, VoterRecords.ToDirectoryId(request.VoterDirectoryId)),
        [.. request.Listeners.Select(static one => new VoterEndpoint(one.Name, one.Host, one.Port))],
        request.AckWhenCommitted);

    public static Wire.AddRaftVoterResponse ToWire(AddVoterResponse response) => new() { ErrorCode = RaftErrors.ToWire(response.Error), ErrorMessage = response.Reason };

    // Neither epoch nor leader travel: what this node knows stays as it is.
    public static AddVoterResponse FromWire(Wire.AddRaftVoterResponse response, AddVoterRequest request) => new(
        request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(response.ErrorCode), 0, QuorumStateRecord.NoLeader, response.ErrorMessage);

    public static Wire.RemoveRaftVoterRequest ToWire(RemoveVoterRequest request, string clusterId) => new()
    {
        ClusterId = clusterId,
        VoterId = request.Replica.Id,
        VoterDirectoryId = VoterRecords.ToUuid(request.Replica.DirectoryId),
    };

    public static RemoveVoterRequest FromWire(Wire.RemoveRaftVoterRequest request, long correlationId, int localId) =>
        new(correlationId, Client, localId, new ReplicaKey(request.VoterId, VoterRecords.ToDirectoryId(request.VoterDirectoryId)));

    public static Wire.RemoveRaftVoterResponse ToWire(RemoveVoterResponse response) => new() { ErrorCode = RaftErrors.ToWire(response.Error), ErrorMessage = response.Reason };

    public static RemoveVoterResponse FromWire(Wire.RemoveRaftVoterResponse response, RemoveVoterRequest request) => new(
        request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(response.ErrorCode), 0, QuorumStateRecord.NoLeader, response.ErrorMessage);

    public static Wire.UpdateRaftVoterRequest ToWire(UpdateVoterRequest request, string clusterId) => new()
    {
        ClusterId = clusterId,
        CurrentLeaderEpoch = request.Epoch,
        VoterId = request.Voter.Key.Id,
        VoterDirectoryId = VoterRecords.ToUuid(request.Voter.Key.DirectoryId),
        Listeners = [.. request.Voter.Endpoints.Select(static one => new Wire.UpdateRaftVoterRequest.Listener { Name = one.Listener, Host = one.Host, Port = (ushort)one.Port })],
        KRaftVersionFeature = new Wire.UpdateRaftVoterRequest.KRaftVersionFeatureData
        {
            MinSupportedVersion = request.Voter.KRaftVersionMin,
            MaxSupportedVersion = request.Voter.KRaftVersionMax,
        },
    };

    public static UpdateVoterRequest FromWire(Wire.UpdateRaftVoterRequest request, long correlationId, int localId) => new(
        correlationId,
        request.VoterId,
        localId,
        request.CurrentLeaderEpoch,
        new Voter(
            new ReplicaKey(request.VoterId, VoterRecords.ToDirectoryId(request.VoterDirectoryId)),
            [.. request.Listeners.Select(static one => new VoterEndpoint(one.Name, one.Host, one.Port))],
            request.KRaftVersionFeature.MinSupportedVersion,
            request.KRaftVersionFeature.MaxSupportedVersion));

    public static UpdateVoterResponse FromWire(Wire.UpdateRaftVoterResponse response, UpdateVoterRequest request) => new(
        request.CorrelationId, request.Destination, request.Source, RaftErrors.FromWire(response.ErrorCode), response.CurrentLeader.LeaderEpoch, response.CurrentLeader.LeaderId);
}
