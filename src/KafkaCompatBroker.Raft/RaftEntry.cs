namespace KafkaCompatBroker.Raft;

/// <summary>One batch of the log. The core never looks into <paramref name="Bytes"/>.</summary>
/// <param name="BaseOffset">Offset of the first record.</param>
/// <param name="RecordCount">Number of records, at least one.</param>
/// <param name="Epoch">Leader epoch that wrote the batch.</param>
/// <param name="Bytes">The batch as the shell encoded it; empty when <paramref name="Control"/> is a record that the core asks the shell to encode.</param>
/// <param name="Control">The control record in the batch, if any, that concerns the core.</param>
public sealed record RaftEntry(long BaseOffset, int RecordCount, int Epoch, ReadOnlyMemory<byte> Bytes, ControlRecord? Control = null)
{
    /// <summary>The offset after the last record.</summary>
    public long NextOffset => BaseOffset + RecordCount;
}

/// <summary>A control record that the core writes or must understand.</summary>
public abstract record ControlRecord;

/// <summary>
/// The first batch of an epoch. Nothing of earlier epochs is committed before it is. When the voters stand only in the bootstrap snapshot,
/// a kraft.version and a voters record follow it in the same batch (KIP-853), and the batch counts three records.
/// </summary>
/// <param name="LeaderId">The new leader.</param>
/// <param name="Voters">Ids of all voters.</param>
/// <param name="GrantingVoters">Ids of those that voted for the leader.</param>
/// <param name="BootstrapVoters">The voters to record, null when the log has them or they are configuration.</param>
public sealed record LeaderChange(int LeaderId, IReadOnlyList<int> Voters, IReadOnlyList<int> GrantingVoters, VoterSet? BootstrapVoters) : ControlRecord;

/// <summary>A batch that holds a new voter set. The leader's shell encodes it, a follower reads it from its leader.</summary>
/// <param name="Offset">Offset of the voters record inside the batch.</param>
/// <param name="Voters">The set in force from there on.</param>
/// <param name="KRaftVersion">Set when a kraft.version record with that level comes first in the batch, which then counts two records (KIP-853 upgrade).</param>
public sealed record VotersChange(long Offset, VoterSet Voters, short? KRaftVersion = null) : ControlRecord;
