using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Share;

/// <summary>Applies the records of share groups. A compacted log has lost older records, so nothing is asked for here that an older record would have said.</summary>
internal static class ShareGroupReplay
{
    public static void Apply(GroupTable table, in CoordinatorRecord record)
    {
        switch (record.Key)
        {
            case ShareGroupMetadataKey key when record.Value is null:
                if (Find(table, key.GroupId) is not null) table.Remove(key.GroupId);
                break;
            case ShareGroupMetadataKey key:
                FindOrMake(table, key.GroupId).SetEpoch(((ShareGroupMetadataValue)record.Value).Epoch);
                break;
            case ShareGroupTargetAssignmentMetadataKey key:
                Change(table, key.GroupId, record.Value as ShareGroupTargetAssignmentMetadataValue,
                    static (group, value) => group.SetTargetEpoch(value.AssignmentEpoch), static group => group.SetTargetEpoch(-1));
                break;
            case ShareGroupStatePartitionMetadataKey key:
                Change(table, key.GroupId, record.Value as ShareGroupStatePartitionMetadataValue,
                    static (group, value) => group.SetState(value), static group => group.SetState(null));
                break;
            case ShareGroupMemberMetadataKey key:
                Change(table, key.GroupId, record.Value as ShareGroupMemberMetadataValue,
                    (group, value) => group.Put(group.Member(key.MemberId) with
                    {
                        RackId = value.RackId, ClientId = value.ClientId, ClientHost = value.ClientHost, TopicNames = value.SubscribedTopicNames,
                    }),
                    group => group.Remove(key.MemberId));
                break;
            case ShareGroupCurrentMemberAssignmentKey key when record.Value is ShareGroupCurrentMemberAssignmentValue value:
                ShareGroup ofMember = FindOrMake(table, key.GroupId);
                ofMember.Put(ofMember.Member(key.MemberId) with
                {
                    Epoch = value.MemberEpoch,
                    Assigned = PartitionsByTopic.Of(value.AssignedPartitions.Select(static topic => (topic.TopicId, (IEnumerable<int>)topic.Partitions))),
                });
                break;
        }
    }

    private static void Change<TValue>(GroupTable table, string groupId, TValue? value, Action<ShareGroup, TValue> put, Action<ShareGroup> remove)
        where TValue : class
    {
        if (value is not null) put(FindOrMake(table, groupId), value);
        else if (Find(table, groupId) is { } group) remove(group);
    }

    private static ShareGroup? Find(GroupTable table, string groupId) => table.TryFind(groupId, out Group? found) ? found as ShareGroup : null;

    private static ShareGroup FindOrMake(GroupTable table, string groupId)
    {
        if (table.TryFind(groupId, out Group? found) && found is ShareGroup group) return group;
        if (found is { IsEmpty: false }) throw new InvalidOperationException($"The log has records of a share group for {groupId}, which is a group of another kind");
        ShareGroup created = new(table, groupId);
        table.Put(created);
        return created;
    }
}
