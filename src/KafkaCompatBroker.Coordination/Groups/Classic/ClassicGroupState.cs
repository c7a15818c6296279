namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>Where a classic group stands. The names are those of ListGroups.</summary>
internal enum ClassicGroupState
{
    /// <summary>No members; offsets may remain.</summary>
    Empty,

    /// <summary>Members are asked to join again.</summary>
    PreparingRebalance,

    /// <summary>All have joined; the leader's assignment is awaited.</summary>
    CompletingRebalance,

    /// <summary>Every member has its assignment.</summary>
    Stable,
}
