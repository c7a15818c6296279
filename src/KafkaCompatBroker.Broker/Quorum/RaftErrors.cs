using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>Errors of the quorum between the wire and the Raft core.</summary>
internal static class RaftErrors
{
    public static ErrorCode ToWire(RaftError error) => error switch
    {
        RaftError.None => ErrorCode.None,
        RaftError.FencedLeaderEpoch => ErrorCode.FencedLeaderEpoch,
        RaftError.UnknownLeaderEpoch => ErrorCode.UnknownLeaderEpoch,
        RaftError.NotLeaderOrFollower => ErrorCode.NotLeaderOrFollower,
        RaftError.InconsistentVoterSet => ErrorCode.InconsistentVoterSet,
        RaftError.InvalidVoterKey => ErrorCode.InvalidVoterKey,
        RaftError.SnapshotNotFound => ErrorCode.SnapshotNotFound,
        RaftError.PositionOutOfRange => ErrorCode.PositionOutOfRange,
        RaftError.RequestTimedOut => ErrorCode.RequestTimedOut,
        RaftError.UnsupportedVersion => ErrorCode.UnsupportedVersion,
        RaftError.DuplicateVoter => ErrorCode.DuplicateVoter,
        RaftError.VoterNotFound => ErrorCode.VoterNotFound,
        RaftError.InvalidUpdateVersion => ErrorCode.InvalidUpdateVersion,
        _ => ErrorCode.InvalidRequest,
    };

    public static RaftError FromWire(ErrorCode error) => error switch
    {
        ErrorCode.None => RaftError.None,
        ErrorCode.FencedLeaderEpoch => RaftError.FencedLeaderEpoch,
        ErrorCode.UnknownLeaderEpoch => RaftError.UnknownLeaderEpoch,
        ErrorCode.NotLeaderOrFollower => RaftError.NotLeaderOrFollower,
        ErrorCode.InconsistentVoterSet => RaftError.InconsistentVoterSet,
        ErrorCode.InvalidVoterKey => RaftError.InvalidVoterKey,
        ErrorCode.SnapshotNotFound => RaftError.SnapshotNotFound,
        ErrorCode.PositionOutOfRange => RaftError.PositionOutOfRange,
        ErrorCode.RequestTimedOut => RaftError.RequestTimedOut,
        ErrorCode.UnsupportedVersion => RaftError.UnsupportedVersion,
        ErrorCode.DuplicateVoter => RaftError.DuplicateVoter,
        ErrorCode.VoterNotFound => RaftError.VoterNotFound,
        ErrorCode.InvalidUpdateVersion => RaftError.InvalidUpdateVersion,
        _ => RaftError.InvalidRequest,
    };
}
