using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>The group "g" of a <see cref="GroupRun"/>, and its cluster: what members of it ask, answered at once where that is possible.</summary>
internal sealed class ConsumerRun(GroupSettings? settings = null)
{
    public const string GroupId = "g";

    private readonly GroupRun _run = new(settings ?? new GroupSettings { ConsumerAssignmentIntervalMs = 0, InitialRebalanceDelayMs = 0 });
    private ulong _topics;
    private ConsumerGroupDescribeResponse.DescribedGroup? _seen;
    private (GroupShard Shard, int LogLength, MetadataImage Image) _seenAt;

    public GroupRun Shell => _run;

    public GroupSettings Settings
    {
        get => _run.Settings;
        set => _run.Settings = value;
    }

    public GroupShard Shard => _run.Shard;

    public MetadataImage Image => _run.Image;

    public bool FailsToAppend
    {
        get => _run.FailsToAppend;
        set => _run.FailsToAppend = value;
    }

    public int LogLength => _run.LogEnd;

    public static ConsumerGroupHeartbeatRequest Join(string memberId, params string[] topics) => new()
    {
        GroupId = "g", MemberId = memberId, MemberEpoch = 0, RebalanceTimeoutMs = 30_000, TopicPartitions = [], SubscribedTopicNames = topics,
    };

    public static ConsumerGroupHeartbeatRequest Beat(string memberId, int epoch, params (Uuid Topic, int[] Partitions)[] owned) => new()
    {
        GroupId = "g", MemberId = memberId, MemberEpoch = epoch,
        TopicPartitions = [.. owned.Select(static topic => new ConsumerGroupHeartbeatRequest.TopicPartitionsData { TopicId = topic.Topic, Partitions = topic.Partitions })],
    };

    public static ConsumerGroupHeartbeatRequest Leave(string memberId, string? instanceId = null, int epoch = -1) => new()
    {
        GroupId = "g", MemberId = memberId, MemberEpoch = epoch, InstanceId = instanceId,
    };

    public static string Text(ConsumerGroupHeartbeatResponse response) => response.ErrorCode != ErrorCode.None
        ? response.ErrorCode.ToString()
        : $"{response.MemberEpoch} {(response.Assignment is null ? "-" : string.Join(' ', response.Assignment.TopicPartitions.Select(static topic => $"{topic.TopicId.Low}[{string.Join(',', topic.Partitions)}]")))}";

    /// <summary>Another coordinator takes over from the log.</summary>
    /// <param name="compaction">When given, a part of the log that chance picks is compacted before.</param>
    public void Reload(Random? compaction = null)
    {
        if (compaction is null) _run.Reload();
        else _run.ReloadCompacted(compaction);
        Settle();
    }

    /// <summary>The hash of the group's topics that was written last.</summary>
    public long MetadataHash()
    {
        GroupRun.Entry last = _run.Log.Last(static entry => entry.Record.Key is ConsumerGroupMetadataKey);
        return ((ConsumerGroupMetadataValue)last.Record.Value!).MetadataHash;
    }

    public void SetBroker(int id, string? rack) => Change(
        Image with
        {
            Brokers = Image.Brokers.SetItem(id, new BrokerImage
            {
                Id = id, Epoch = 1, IncarnationId = Uuid.One, Endpoints = [], Features = ImmutableSortedDictionary<string, FeatureRange>.Empty, Rack = rack, IsFenced = false,
            }),
        },
        new MetadataChanges());

    public Uuid SetTopic(string name, int partitions, params int[] replicas)
    {
        TopicImage? old = Image.Topic(name);
        Uuid id = old?.Id ?? new Uuid(0, ++_topics);
        TopicImage topic = new(name, id, [.. Enumerable.Range(0, partitions).Select(_ => new PartitionImage
        {
            Replicas = replicas, Directories = [], Isr = [1], Leader = 1, LeaderEpoch = 0, PartitionEpoch = 0,
        })]);
        MetadataChanges changes = new();
        changes.ChangedTopics.Add(id);
        Change(Image with { Offset = Image.Offset + 1, TopicsByName = Image.TopicsByName.SetItem(name, topic), TopicsById = Image.TopicsById.SetItem(id, topic) }, changes);
        return id;
    }

    public void DeleteTopic(string name)
    {
        if (Image.Topic(name) is not { } topic) return;
        MetadataChanges changes = new();
        changes.DeletedTopics.Add(topic.Id, topic);
        Change(Image with { Offset = Image.Offset + 1, TopicsByName = Image.TopicsByName.Remove(name), TopicsById = Image.TopicsById.Remove(topic.Id) }, changes);
    }

    public void SetGroupConfig(string name, string value) => Change(
        Image with { Configs = Image.Configs.SetItem(new ConfigResource(ConfigResourceType.Group, "g"), ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(name, value)) },
        new MetadataChanges());

    public TResponse? Ask<TResponse>(Action<ShardStep, Reply<TResponse>> command)
        where TResponse : class
    {
        GroupReply<TResponse> reply = _run.Ask(command);
        Settle();
        return reply.Response;
    }

    /// <summary>Carries out what is due now.</summary>
    public void Settle() => _run.Advance(0);

    public void Advance(long byMs) => _run.Advance(byMs);

    public ConsumerGroupHeartbeatResponse Send(ConsumerGroupHeartbeatRequest request, short version = 1) =>
        Ask<ConsumerGroupHeartbeatResponse>((step, reply) => Shard.ConsumerGroupHeartbeat(step, Client(version), request, reply))!;

    /// <summary>Sends a heartbeat whose answer may get lost.</summary>
    public GroupReply<ConsumerGroupHeartbeatResponse> SendTo(ConsumerGroupHeartbeatRequest request)
    {
        GroupReply<ConsumerGroupHeartbeatResponse> reply = _run.Ask<ConsumerGroupHeartbeatResponse>((step, reply) => Shard.ConsumerGroupHeartbeat(step, Client(1), request, reply));
        Settle();
        return reply;
    }

    /// <summary>Sends a heartbeat; the answer as epoch and assignment, or as an error.</summary>
    public string Text(ConsumerGroupHeartbeatRequest request) => Text(Send(request));

    public ConsumerGroupDescribeResponse.DescribedGroup Describe(string groupId = "g") =>
        Ask<ConsumerGroupDescribeResponse.DescribedGroup>((step, reply) => Shard.ConsumerGroupDescribe(step, Client(1), groupId, reply))!;

    public JoinGroupResponse? Join(JoinGroupRequest request, short version = 9) => Ask<JoinGroupResponse>((step, reply) => Shard.JoinGroup(step, Client(version), request, reply));

    /// <summary>Joins; the answer may come in a later step.</summary>
    public Func<JoinGroupResponse?> JoinLater(JoinGroupRequest request)
    {
        GroupReply<JoinGroupResponse> reply = _run.Ask<JoinGroupResponse>((step, reply) => Shard.JoinGroup(step, Client(9), request, reply));
        return () => reply.Response;
    }

    /// <summary>Asks for the assignment; the answer may come in a later step.</summary>
    public Func<SyncGroupResponse?> SyncLater(SyncGroupRequest request)
    {
        GroupReply<SyncGroupResponse> reply = _run.Ask<SyncGroupResponse>((step, reply) => Shard.SyncGroup(step, Client(5), request, reply));
        return () => reply.Response;
    }

    public SyncGroupResponse? Sync(SyncGroupRequest request) => Ask<SyncGroupResponse>((step, reply) => Shard.SyncGroup(step, Client(5), request, reply));

    public ErrorCode Heartbeat(string memberId, int generation) => Ask<HeartbeatResponse>((step, reply) =>
        Shard.Heartbeat(step, Client(4), new HeartbeatRequest { GroupId = "g", MemberId = memberId, GenerationId = generation }, reply))!.ErrorCode;

    public LeaveGroupResponse LeaveClassic(params string[] memberIds) => Ask<LeaveGroupResponse>((step, reply) => Shard.LeaveGroup(
        step, Client(5), new LeaveGroupRequest { GroupId = "g", Members = [.. memberIds.Select(static id => new LeaveGroupRequest.MemberIdentity { MemberId = id })] }, reply))!;

    public DescribeGroupsResponse.DescribedGroup DescribeClassic() =>
        Ask<DescribeGroupsResponse.DescribedGroup>((step, reply) => Shard.DescribeGroups(step, Client(6), "g", reply))!;

    public ErrorCode Delete() =>
        Ask<DeleteGroupsResponse.DeletableGroupResult>((step, reply) => Shard.DeleteGroups(step, Client(2), "g", reply))!.ErrorCode;

    public ErrorCode Commit(string memberId, int epoch, string topic, int partition, short version = 9) => Ask<OffsetCommitResponse>((step, reply) => Shard.OffsetCommit(
        step,
        Client(version),
        new OffsetCommitRequest
        {
            GroupId = "g", MemberId = memberId, GenerationIdOrMemberEpoch = epoch,
            Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = 1, CommittedMetadata = "" }] }],
        },
        reply))!.Topics[0].Partitions[0].ErrorCode;

    /// <summary>As <see cref="Describe"/>, asked only when the log, the shard or the cluster changed since the last time: nothing else changes what is said.</summary>
    public ConsumerGroupDescribeResponse.DescribedGroup Look()
    {
        if (_seen is { } seen && _seenAt == (Shard, LogLength, Image)) return seen;
        _seenAt = (Shard, LogLength, Image);
        return _seen = Describe();
    }

    /// <summary>Everything that clients can see of the group, to compare.</summary>
    public string Dump()
    {
        ConsumerGroupDescribeResponse.DescribedGroup group = Describe();
        if (group.ErrorCode != ErrorCode.None) return group.ErrorCode.ToString();
        IEnumerable<string> members = group.Members.OrderBy(static member => member.MemberId, StringComparer.Ordinal).Select(static member =>
            $"{member.MemberId}/{member.InstanceId}/{member.RackId} epoch {member.MemberEpoch} type {member.MemberType} names {string.Join(',', member.SubscribedTopicNames)} regex {member.SubscribedTopicRegex}" +
            $" has {Text(member.Assignment)} should {Text(member.TargetAssignment)}");
        return string.Join('\n', [$"{group.GroupState} {group.GroupEpoch} {group.AssignmentEpoch} {group.AssignorName}", .. members]);
    }

    private static string Text(ConsumerGroupDescribeResponse.AssignmentData assignment) =>
        string.Join(' ', assignment.TopicPartitions.Select(static topic => $"{topic.TopicName}[{string.Join(',', topic.Partitions)}]"));

    private static GroupClient Client(short version) => new("client", "/127.0.0.1", version);

    private void Change(MetadataImage image, MetadataChanges changes)
    {
        _run.Image = image;
        _run.Step(step => Shard.MetadataChanged(step, image, changes));
        Settle();
    }
}
