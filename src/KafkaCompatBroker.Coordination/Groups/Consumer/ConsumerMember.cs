namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>One member of a consumer group as it stands in the log. Immutable.</summary>
internal sealed record ConsumerMember(string MemberId)
{
    /// <summary>Epoch of a member that leaves, and of one whose assignment is deleted.</summary>
    public const int LeavingEpoch = -1;

    /// <summary>Epoch of a static member that is away for a while.</summary>
    public const int AwayEpoch = -2;

    /// <summary>Epoch of the target assignment to which it was reconciled; 0 before it has joined.</summary>
    public int Epoch { get; init; }

    /// <summary>The epoch before: it is still taken from a member that did not get the last answer.</summary>
    public int PreviousEpoch { get; init; } = -1;

    public MemberState State { get; init; }

    public string? InstanceId { get; init; }

    public string? RackId { get; init; }

    /// <summary>How long it may take to give up partitions; -1 when it never said.</summary>
    public int RebalanceTimeoutMs { get; init; } = -1;

    public string ClientId { get; init; } = "";

    public string ClientHost { get; init; } = "";

    /// <summary>Names to which it subscribes, sorted, each once.</summary>
    public string[] TopicNames { get; init; } = [];

    /// <summary>Regular expression to which it subscribes; empty for none.</summary>
    public string TopicRegex { get; init; } = "";

    /// <summary>Server-side assignor that it likes; null for none.</summary>
    public string? Assignor { get; init; }

    /// <summary>What it may read.</summary>
    public OwnedPartitions Assigned { get; init; } = OwnedPartitions.None;

    /// <summary>What it has to give up but may still read.</summary>
    public OwnedPartitions PendingRevocation { get; init; } = OwnedPartitions.None;

    /// <summary>Null unless it speaks the classic protocol.</summary>
    public ClassicMembership? Classic { get; init; }

    public bool IsClassic => Classic is not null;

    public bool HasRegex => TopicRegex.Length > 0;

    /// <summary>Puts names into the form of <see cref="TopicNames"/>.</summary>
    public static string[] Normalize(IEnumerable<string> names) => [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public bool IsReconciledTo(int epoch) => State == MemberState.Stable && Epoch == epoch;

    /// <summary>The member in a new epoch; the present one becomes the previous one, even when it is the same.</summary>
    public ConsumerMember MoveTo(int epoch) => this with { PreviousEpoch = Epoch, Epoch = epoch };

    public bool SameNamesAs(ConsumerMember other) => TopicNames.AsSpan().SequenceEqual(other.TopicNames);

    /// <summary>True when the record of its metadata would say the same.</summary>
    public bool SameMetadataAs(ConsumerMember other) =>
        InstanceId == other.InstanceId && RackId == other.RackId && RebalanceTimeoutMs == other.RebalanceTimeoutMs && ClientId == other.ClientId &&
        ClientHost == other.ClientHost && TopicRegex == other.TopicRegex && Assignor == other.Assignor && SameNamesAs(other) &&
        (Classic is null ? other.Classic is null : Classic.SameAs(other.Classic));

    /// <summary>True when the record of its current assignment would say the same.</summary>
    public bool SameAssignmentAs(ConsumerMember other) =>
        Epoch == other.Epoch && PreviousEpoch == other.PreviousEpoch && State == other.State &&
        Assigned.SameAs(other.Assigned) && PendingRevocation.SameAs(other.PendingRevocation);
}
