using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>The broker's properties that a group coordinator acts on. Times are in milliseconds.</summary>
public sealed record GroupSettings
{
    private const int MillisecondsInMinute = 60_000;

    /// <summary>Least session timeout that a member of a classic group may ask for.</summary>
    public int MinSessionTimeoutMs { get; init; } = 6_000;

    /// <summary>Greatest session timeout that a member of a classic group may ask for.</summary>
    public int MaxSessionTimeoutMs { get; init; } = 1_800_000;

    /// <summary>How long the first rebalance of an empty classic group waits for more members.</summary>
    public int InitialRebalanceDelayMs { get; init; } = 3_000;

    /// <summary>Members that a classic group has at most.</summary>
    public int MaxSize { get; init; } = int.MaxValue;

    /// <summary>Bytes of metadata that may be committed with an offset.</summary>
    public int OffsetMetadataMaxBytes { get; init; } = 4_096;

    /// <summary>How long offsets are kept after nobody uses them.</summary>
    public long OffsetsRetentionMs { get; init; } = 10_080L * MillisecondsInMinute;

    /// <summary>How often offsets are looked through for those to delete.</summary>
    public long OffsetsRetentionCheckIntervalMs { get; init; } = 600_000;

    public int ConsumerSessionTimeoutMs { get; init; } = 45_000;

    public int ConsumerMinSessionTimeoutMs { get; init; } = 45_000;

    public int ConsumerMaxSessionTimeoutMs { get; init; } = 60_000;

    public int ConsumerHeartbeatIntervalMs { get; init; } = 5_000;

    public int ConsumerMinHeartbeatIntervalMs { get; init; } = 5_000;

    public int ConsumerMaxHeartbeatIntervalMs { get; init; } = 15_000;

    public int ConsumerAssignmentIntervalMs { get; init; } = 1_000;

    public int ConsumerMinAssignmentIntervalMs { get; init; }

    public int ConsumerMaxAssignmentIntervalMs { get; init; } = 15_000;

    public int ConsumerMaxSize { get; init; } = int.MaxValue;

    /// <summary>Names of the server-side assignors; the first is the default.</summary>
    public IReadOnlyList<string> ConsumerAssignors { get; init; } = ["uniform", "range"];

    public GroupMigrationPolicy ConsumerMigrationPolicy { get; init; } = GroupMigrationPolicy.Bidirectional;

    public int ConsumerRegexRefreshIntervalMs { get; init; } = 600_000;

    /// <summary>How long a member of a share group may be silent.</summary>
    public int ShareSessionTimeoutMs { get; init; } = 45_000;

    /// <summary>Protocols that the coordinator serves, as in group.coordinator.rebalance.protocols.</summary>
    public IReadOnlyList<string> RebalanceProtocols { get; init; } = ["classic", "consumer", "streams"];

    /// <summary>Takes the settings from the effective properties of a broker.</summary>
    public static GroupSettings From(ConfigValues values) => new()
    {
        MinSessionTimeoutMs = values.Int("group.min.session.timeout.ms"),
        MaxSessionTimeoutMs = values.Int("group.max.session.timeout.ms"),
        InitialRebalanceDelayMs = values.Int("group.initial.rebalance.delay.ms"),
        MaxSize = values.Int("group.max.size"),
        OffsetMetadataMaxBytes = values.Int("offset.metadata.max.bytes"),
        OffsetsRetentionMs = (long)values.Int("offsets.retention.minutes") * MillisecondsInMinute,
        OffsetsRetentionCheckIntervalMs = values.Long("offsets.retention.check.interval.ms"),
        ConsumerSessionTimeoutMs = values.Int("group.consumer.session.timeout.ms"),
        ConsumerMinSessionTimeoutMs = values.Int("group.consumer.min.session.timeout.ms"),
        ConsumerMaxSessionTimeoutMs = values.Int("group.consumer.max.session.timeout.ms"),
        ConsumerHeartbeatIntervalMs = values.Int("group.consumer.heartbeat.interval.ms"),
        ConsumerMinHeartbeatIntervalMs = values.Int("group.consumer.min.heartbeat.interval.ms"),
        ConsumerMaxHeartbeatIntervalMs = values.Int("group.consumer.max.heartbeat.interval.ms"),
        ConsumerAssignmentIntervalMs = values.Int("group.consumer.assignment.interval.ms"),
        ConsumerMinAssignmentIntervalMs = values.Int("group.consumer.min.assignment.interval.ms"),
        ConsumerMaxAssignmentIntervalMs = values.Int("group.consumer.max.assignment.interval.ms"),
        ConsumerMaxSize = values.Int("group.consumer.max.size"),
        ConsumerAssignors = values.List("group.consumer.assignors"),
        ConsumerMigrationPolicy = Enum.Parse<GroupMigrationPolicy>(values.Text("group.consumer.migration.policy") ?? "", ignoreCase: true),
        ConsumerRegexRefreshIntervalMs = values.Int("group.consumer.regex.refresh.interval.ms"),
        ShareSessionTimeoutMs = values.Int("group.share.session.timeout.ms"),
        RebalanceProtocols = values.List("group.coordinator.rebalance.protocols"),
    };
}
