using System.Globalization;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>How a node keeps the metadata log; names of Kafka's properties where they have one.</summary>
public sealed record MetadataLogOptions
{
    /// <summary>The node and its directory, and the quorum's timing.</summary>
    public required RaftOptions Raft { get; init; }

    /// <summary>controller.quorum.voters; empty with dynamic voters.</summary>
    public VoterSet StaticVoters { get; init; } = VoterSet.Empty;

    /// <summary>Whether this node has the controller role, so that it must be a voter; others only follow the log.</summary>
    public bool IsController { get; init; } = true;

    /// <summary>Segments of the log: metadata.log.segment.bytes and metadata.log.segment.ms.</summary>
    public LogConfig Log { get; init; } = new() { IsPreallocated = false, RetentionMs = -1, MessageBytesMax = int.MaxValue, TimestampAfterMaxMs = long.MaxValue };

    /// <summary>metadata.log.max.record.bytes.between.snapshots</summary>
    public long SnapshotBytes { get; init; } = 20 * 1024 * 1024;

    /// <summary>metadata.log.max.snapshot.interval.ms; 0 = only by size</summary>
    public long SnapshotIntervalMs { get; init; } = 3_600_000;

    /// <summary>metadata.max.retention.bytes, of log and snapshots together; -1 = no limit</summary>
    public long RetentionBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>metadata.max.retention.ms; -1 = no limit</summary>
    public long RetentionMs { get; init; } = 7 * 24 * 3_600_000L;

    /// <summary>Most bytes of a snapshot in one answer: controller.quorum.fetch.snapshot.max.bytes</summary>
    public int SnapshotPieceBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>How often retention is looked at.</summary>
    public long CleanIntervalMs { get; init; } = 60_000;

    /// <summary>The options that a node's properties give.</summary>
    /// <param name="values">The node's properties.</param>
    /// <param name="directoryId">Id of the log directory that holds the metadata log.</param>
    /// <exception cref="FormatException">controller.quorum.voters cannot be understood.</exception>
    public static MetadataLogOptions From(ConfigValues values, Uuid directoryId)
    {
        var standard = new MetadataLogOptions { Raft = new RaftOptions(new ReplicaKey(values.Int("node.id"), VoterRecords.ToDirectoryId(directoryId))) };
        return standard with
        {
            IsController = values.List("process.roles").Contains("controller"),
            Raft = standard.Raft with
            {
                BootstrapIds = [.. Enumerable.Range(0, values.List("controller.quorum.bootstrap.servers").Count).Select(QuorumEndpoints.BootstrapId)],
                ElectionTimeoutMs = values.Int("controller.quorum.election.timeout.ms"),
                ElectionBackoffMaxMs = values.Int("controller.quorum.election.backoff.max.ms"),
                FetchTimeoutMs = values.Int("controller.quorum.fetch.timeout.ms"),
                RequestTimeoutMs = values.Int("controller.quorum.request.timeout.ms"),
                RetryBackoffMs = values.Int("controller.quorum.retry.backoff.ms"),
                FetchBytesMax = values.Int("controller.quorum.fetch.max.bytes"),
                JoinsByItself = values.Boolean("controller.quorum.auto.join.enable"),
            },
            StaticVoters = VotersOf(values.List("controller.quorum.voters")),
            Log = standard.Log with { SegmentBytes = values.Int("metadata.log.segment.bytes"), SegmentMs = values.Long("metadata.log.segment.ms") },
            SnapshotPieceBytesMax = values.Int("controller.quorum.fetch.snapshot.max.bytes"),
            SnapshotBytes = values.Long("metadata.log.max.record.bytes.between.snapshots"),
            SnapshotIntervalMs = values.Long("metadata.log.max.snapshot.interval.ms"),
            RetentionBytes = values.Long("metadata.max.retention.bytes"),
            RetentionMs = values.Long("metadata.max.retention.ms"),
        };
    }

    /// <summary>The voters that controller.quorum.voters lists.</summary>
    /// <exception cref="FormatException">An entry cannot be understood.</exception>
    public static VoterSet VotersOf(IReadOnlyList<string> texts) => new(texts.Select(ParseVoter));

    private static Voter ParseVoter(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var colon = text.LastIndexOf(':');
        if (at <= 0 || colon <= at || !int.TryParse(text.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ||
            !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new FormatException($"controller.quorum.voters: {text} is not id@host:port.");
        return new Voter(new ReplicaKey(id, DirectoryId.Zero), [new VoterEndpoint("CONTROLLER", text[(at + 1)..colon].Trim('[', ']'), port)], 0, 0);
    }
}
