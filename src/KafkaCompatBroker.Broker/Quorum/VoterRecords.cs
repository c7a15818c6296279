using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>A voter set as the record that holds it (KIP-853), and ids between the two projects.</summary>
internal static class VoterRecords
{
    public static VotersRecord ToRecord(VoterSet voters) => new()
    {
        Voters =
        [
            .. voters.Voters.Select(voter => new VotersRecord.Voter
            {
                VoterId = voter.Key.Id,
                VoterDirectoryId = ToUuid(voter.Key.DirectoryId),
                Endpoints = [.. voter.Endpoints.Select(endpoint => new VotersRecord.Endpoint { Name = endpoint.Listener, Host = endpoint.Host, Port = (ushort)endpoint.Port })],
                KRaftVersionFeature = new VotersRecord.KRaftVersionFeatureData { MinSupportedVersion = voter.KRaftVersionMin, MaxSupportedVersion = voter.KRaftVersionMax },
            }),
        ],
    };

    public static VoterSet FromRecord(VotersRecord record) => new(record.Voters.Select(voter => new Voter(
        new ReplicaKey(voter.VoterId, ToDirectoryId(voter.VoterDirectoryId)),
        [.. voter.Endpoints.Select(endpoint => new VoterEndpoint(endpoint.Name, endpoint.Host, endpoint.Port))],
        voter.KRaftVersionFeature.MinSupportedVersion,
        voter.KRaftVersionFeature.MaxSupportedVersion)));

    public static Uuid ToUuid(DirectoryId id) => new(id.High, id.Low);

    public static DirectoryId ToDirectoryId(Uuid id) => new(id.High, id.Low);
}
