namespace KafkaCompatBroker.Raft;

/// <summary>What became of an upgrade of kraft.version.</summary>
/// <param name="Error"><see cref="RaftError.None"/>, <see cref="RaftError.NotLeaderOrFollower"/> or <see cref="RaftError.InvalidUpdateVersion"/>.</param>
/// <param name="Reason">The error in words.</param>
public sealed record KRaftVersionOutcome(RaftError Error, string? Reason = null)
{
    /// <summary>Offset of the last record appended; null when there was nothing to do or it was only checked.</summary>
    public long? Offset { get; init; }
}
