using KafkaCompatBroker.Broker.Handlers.Groups;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Shares;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>The handlers of groups and their offsets, listed once.</summary>
public sealed class GroupHandlers(CoordinatorRuntime<GroupShard> groups, ClusterView cluster, ShareStates shares)
{
    /// <summary>Registers what clients of brokers may ask.</summary>
    public HandlerTable AddToBroker(HandlerTable table) => table
        .Add<JoinGroupRequest, JoinGroupResponse, JoinGroupHandler>(new JoinGroupHandler(groups))
        .Add<SyncGroupRequest, SyncGroupResponse, SyncGroupHandler>(new SyncGroupHandler(groups))
        .Add<HeartbeatRequest, HeartbeatResponse, HeartbeatHandler>(new HeartbeatHandler(groups))
        .Add<LeaveGroupRequest, LeaveGroupResponse, LeaveGroupHandler>(new LeaveGroupHandler(groups))
        .Add<OffsetCommitRequest, OffsetCommitResponse, OffsetCommitHandler>(new OffsetCommitHandler(groups, cluster))
        .Add<OffsetFetchRequest, OffsetFetchResponse, OffsetFetchHandler>(new OffsetFetchHandler(groups, cluster))
        .Add<OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteHandler>(new OffsetDeleteHandler(groups, cluster))
        .Add<DescribeGroupsRequest, DescribeGroupsResponse, DescribeGroupsHandler>(new DescribeGroupsHandler(groups))
        .Add<ListGroupsRequest, ListGroupsResponse, ListGroupsHandler>(new ListGroupsHandler(groups))
        .Add<DeleteGroupsRequest, DeleteGroupsResponse, DeleteGroupsHandler>(new DeleteGroupsHandler(groups, shares))
        .Add<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ConsumerGroupHeartbeatHandler>(new ConsumerGroupHeartbeatHandler(groups, cluster))
        .Add<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescribeHandler>(new ConsumerGroupDescribeHandler(groups, cluster));
}
