using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Coordination.Shards;

/// <summary>
/// The state that one partition of a coordinator's log holds. One thread at a time. Commands decide and write to their
/// <see cref="ShardStep"/>; what stands in the log changes only by <see cref="Apply"/> and <see cref="ApplyMarker"/>, the same on the leader and on reload.
/// What is not in the log (who waits, who was heard last) commands change directly.
/// </summary>
public interface ICoordinatorShard
{
    /// <summary>When <see cref="Tick"/> must be called at the latest, on the monotonic scale; long.MaxValue when there is no deadline.</summary>
    long DeadlineMs { get; }

    /// <summary>Applies a record of the log.</summary>
    void Apply(in CoordinatorRecord record, in RecordOrigin origin);

    /// <summary>Ends a transaction whose records are in this log.</summary>
    void ApplyMarker(long producerId, short producerEpoch, bool isCommit);

    /// <summary>The whole log has been applied: commands come from now on.</summary>
    void Loaded(ShardStep step, MetadataImage image);

    /// <summary>The cluster changed.</summary>
    void MetadataChanged(ShardStep step, MetadataImage image, MetadataChanges changes);

    /// <summary>Carries out every deadline that has passed.</summary>
    void Tick(ShardStep step);

    /// <summary>The broker leads the partition no longer: answers everybody who waits with NOT_COORDINATOR.</summary>
    void Unload(ShardStep step);
}
