using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>Encodes the batches of the metadata log and of its snapshots.</summary>
internal static class MetadataBatches
{
    /// <summary>Version of the kraft.version feature with which voters stand in the log (KIP-853).</summary>
    public const short DynamicVotersVersion = 1;

    private const short ControlMessageVersion = 0;

    /// <summary>One batch of metadata records.</summary>
    /// <param name="frames">The records' encoded values, at least one.</param>
    /// <param name="baseOffset">Offset of the first.</param>
    /// <param name="epoch">Leader epoch.</param>
    /// <param name="timestampMs">Time of all of them, ms since the epoch.</param>
    public static byte[] Records(IReadOnlyList<byte[]> frames, long baseOffset, int epoch, long timestampMs)
    {
        var builder = new RecordBatchBuilder(
            new RecordBatchOptions { BaseOffset = baseOffset, PartitionLeaderEpoch = epoch },
            RecordBatchLayout.Records + frames.Sum(static frame => frame.Length + 16));
        foreach (var frame in frames) builder.Append(timestampMs, null, frame);
        return builder.Build();
    }

    /// <summary>The first batch of an epoch, with the voters when the log does not have them yet.</summary>
    public static byte[] EpochStart(LeaderChange change, long baseOffset, int epoch, long timestampMs)
    {
        var message = new LeaderChangeMessage
        {
            LeaderId = change.LeaderId,
            Voters = [.. change.Voters.Select(static id => new LeaderChangeMessage.Voter { VoterId = id })],
            GrantingVoters = [.. change.GrantingVoters.Select(static id => new LeaderChangeMessage.Voter { VoterId = id })],
        };
        var records = new List<(ControlRecordType, IMessage)> { (ControlRecordType.LeaderChange, message) };
        if (change.BootstrapVoters is { } voters) AddQuorum(records, DynamicVotersVersion, voters);
        return Control(records, baseOffset, epoch, timestampMs);
    }

    /// <summary>A new voter set, behind the kraft.version that lets it stand in the log when that is new too.</summary>
    public static byte[] Voters(VotersChange change, long baseOffset, int epoch, long timestampMs)
    {
        var records = new List<(ControlRecordType, IMessage)>();
        AddQuorum(records, change.KRaftVersion ?? 0, change.Voters);
        return Control(records, baseOffset, epoch, timestampMs);
    }

    /// <summary>The first batch of a snapshot.</summary>
    /// <param name="lastContainedTimestampMs">Time of the last record that the snapshot replaces.</param>
    /// <param name="kraftVersion">The kraft.version in force there; 0 leaves no record.</param>
    /// <param name="voters">The voters in force there, null when the log names none.</param>
    /// <param name="epoch">Epoch of the snapshot.</param>
    /// <param name="timestampMs">Now.</param>
    public static byte[] SnapshotHeader(long lastContainedTimestampMs, short kraftVersion, VoterSet? voters, int epoch, long timestampMs)
    {
        var records = new List<(ControlRecordType, IMessage)>
        {
            (ControlRecordType.SnapshotHeader, new SnapshotHeaderRecord { LastContainedLogTimestamp = lastContainedTimestampMs }),
        };
        AddQuorum(records, kraftVersion, voters);
        return Control(records, 0, epoch, timestampMs);
    }

    /// <summary>The last batch of a snapshot.</summary>
    public static byte[] SnapshotFooter(long baseOffset, int epoch, long timestampMs) =>
        Control([(ControlRecordType.SnapshotFooter, new SnapshotFooterRecord())], baseOffset, epoch, timestampMs);

    private static void AddQuorum(List<(ControlRecordType, IMessage)> records, short kraftVersion, VoterSet? voters)
    {
        if (kraftVersion > 0) records.Add((ControlRecordType.KRaftVersion, new KRaftVersionRecord { KRaftVersion = kraftVersion }));
        if (voters is not null) records.Add((ControlRecordType.KRaftVoters, VoterRecords.ToRecord(voters)));
    }

    private static byte[] Control(List<(ControlRecordType Type, IMessage Message)> records, long baseOffset, int epoch, long timestampMs)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { BaseOffset = baseOffset, PartitionLeaderEpoch = epoch, IsControl = true });
        foreach (var (type, message) in records)
        {
            using var buffer = new WireBuffer();
            message.Write(buffer, ControlMessageVersion);
            builder.Append(timestampMs, ControlRecords.Key(type), buffer.ToArray());
        }
        return builder.Build();
    }
}
