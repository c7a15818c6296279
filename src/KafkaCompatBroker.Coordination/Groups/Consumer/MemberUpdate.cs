using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>What one request of a member makes of its group: first the subscription, then the group's epoch, the target assignment, and the member's own assignment.</summary>
internal sealed class MemberUpdate(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, List<CoordinatorRecord> records, ConsumerMember before, ConsumerMember after)
{
    // The topics are only looked at again when the cluster says that they changed.
    private const int MetadataRefreshIntervalMs = int.MaxValue;

    public ConsumerGroupContext Context { get; } = context;

    public ShardStep Step { get; } = step;

    public ConsumerGroup Group { get; } = group;

    /// <summary>Records in the order in which they are written.</summary>
    public List<CoordinatorRecord> Records { get; } = records;

    /// <summary>The member as it was; one without anything when it is new.</summary>
    public ConsumerMember Before { get; } = before;

    /// <summary>The member as it will be.</summary>
    public ConsumerMember After { get; private set; } = after;

    /// <summary>The group's epoch with what has been decided so far.</summary>
    public int Epoch { get; private set; } = group.Epoch;

    /// <summary>Records the member when it changed.</summary>
    /// <returns>True when it subscribes to other names.</returns>
    public bool WriteMember()
    {
        if (After.SameMetadataAs(Before)) return false;
        Records.Add(ConsumerGroupRecords.Member(Group.GroupId, After));
        return !After.SameNamesAs(Before);
    }

    public bool HasPreferredAssignorChanged() => Before.Assignor != After.Assignor &&
        (Group.PreferredAssignor() ?? Context.DefaultAssignor) != (Group.PreferredAssignor(Before, After) ?? Context.DefaultAssignor);

    /// <summary>Bumps the epoch when it must be, or when the topics have changed.</summary>
    public void UpdateEpoch(bool mustBump)
    {
        if (!mustBump && !Group.IsMetadataStale(Step.NowMs)) return;
        long hash = Context.Hashes.OfGroup(Group.SubscribedTopics(Before, After), Context.Table.Image);
        if (mustBump || hash != Group.MetadataHash)
        {
            Epoch++;
            Records.Add(ConsumerGroupRecords.Epoch(Group.GroupId, Epoch, hash));
        }

        Group.MetadataSeen(Step.NowMs + MetadataRefreshIntervalMs, Epoch);
        if (Group.HasPartitionMetadata) Records.Add(ConsumerGroupRecords.PartitionMetadataTombstone(Group.GroupId));
    }

    /// <summary>Brings the member nearer to the target, and watches that it gives up what it must.</summary>
    /// <returns>As <see cref="Reconciliation.TryStep"/>.</returns>
    public GroupError? Reconcile(int targetEpoch, PartitionsByTopic target, bool hasNewSubscription, PartitionsByTopic? owned)
    {
        if (!hasNewSubscription && After.IsReconciledTo(targetEpoch)) return null;
        Reconciliation reconciliation = new(Group, After, targetEpoch, target, owned, Context.Table.Image);
        if (reconciliation.TryStep(hasNewSubscription, out ConsumerMember next) is { } error) return error;
        if (next.SameAssignmentAs(After)) return null;

        After = next;
        Records.Add(ConsumerGroupRecords.Assignment(Group.GroupId, After));
        if (After.IsClassic) return null;
        if (After.State == MemberState.UnrevokedPartitions) Context.Timers.AwaitRevocation(Group.GroupId, After.MemberId, After.Epoch, Step.NowMs + After.RebalanceTimeoutMs);
        else Context.Timers.CancelRevocation(Group.GroupId, After.MemberId);
        return null;
    }

    /// <summary>Writes everything that was decided.</summary>
    public void Commit()
    {
        foreach (CoordinatorRecord record in Records) Step.Write(record);
    }
}
