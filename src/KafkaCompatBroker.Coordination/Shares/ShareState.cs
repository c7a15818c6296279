using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Shares;

/// <summary>Where a share group stands in a partition.</summary>
/// <param name="StateEpoch">Epoch of the group's use of the partition.</param>
/// <param name="LeaderEpoch">Epoch of the partition leader that wrote last.</param>
/// <param name="StartOffset">First offset that is not settled; -1 until the first member has read.</param>
/// <param name="DeliveryCompleteCount">Records at or above the start offset that are settled; -1 when an older broker did not say.</param>
public sealed record ShareState(int StateEpoch, int LeaderEpoch, long StartOffset, int DeliveryCompleteCount)
{
    private const int NotSaid = -1;

    /// <summary>The state of a partition that no group has used.</summary>
    public static ShareState None { get; } = new(0, 0, NotSaid, NotSaid);

    /// <summary>The state that a snapshot stands for.</summary>
    public static ShareState Of(ShareSnapshotValue value) => new(value.StateEpoch, value.LeaderEpoch, value.StartOffset, value.DeliveryCompleteCount);

    /// <summary>The state after an update; what the update does not say stays.</summary>
    public ShareState With(ShareUpdateValue value) => this with
    {
        LeaderEpoch = value.LeaderEpoch == NotSaid ? LeaderEpoch : value.LeaderEpoch,
        StartOffset = value.StartOffset == NotSaid ? StartOffset : value.StartOffset,
        DeliveryCompleteCount = value.DeliveryCompleteCount == NotSaid ? DeliveryCompleteCount : value.DeliveryCompleteCount,
    };
}
