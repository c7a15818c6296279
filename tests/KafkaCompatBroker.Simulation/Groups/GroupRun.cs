using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>A shard of groups with its log and its clock, in the place of the shell: records go through their bytes, so a reload sees what a disk would hold.</summary>
internal sealed class GroupRun
{
    private List<Entry> _log = [];
    private ulong _ids;

    public GroupRun(GroupSettings? settings = null)
    {
        Settings = settings ?? new GroupSettings { InitialRebalanceDelayMs = 0 };
        Load();
    }

    public GroupShard Shard { get; private set; } = null!;

    public GroupSettings Settings { get; set; }

    public MetadataImage Image { get; set; } = MetadataImage.Empty;

    public long NowMs { get; set; } = 1_000_000;

    public long WallClockMs => NowMs + 1_700_000_000_000;

    public bool FailsToAppend { get; set; }

    public IReadOnlyList<Entry> Log => _log;

    /// <summary>Offset of the next record.</summary>
    public int LogEnd { get; private set; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Another coordinator takes over from the log.</summary>
    public void Reload()
    {
        Step(Shard.Unload);
        Load();
    }

    /// <summary>Compacts a part of the log and lets another coordinator take over from it: it must not miss what is gone.</summary>
    public void ReloadCompacted(Random random)
    {
        _log = LogCompaction.Of(_log, random);
        Reload();
    }

    /// <summary>Runs a command as the shell does.</summary>
    public void Step(Action<ShardStep> command)
    {
        ShardStep step = new(NowMs, WallClockMs);
        Steps++;
        command(step);
        if (FailsToAppend && step.Records.Count > 0)
        {
            foreach (Reply reply in step.Answered) ((IFallible)reply).IsLost = true;
            return;
        }

        foreach (CoordinatorRecord record in step.Records)
        {
            Append(new Entry(
                CoordinatorRecords.WriteKey(CoordinatorLog.Group, record.Key),
                record.Value is null ? null : CoordinatorRecords.WriteValue(record.Value, record.ValueVersion),
                step.ProducerId,
                step.ProducerEpoch) { Batch = Steps });
        }
    }

    public void Marker(long producerId, bool isCommit) => Append(new Entry([], null, producerId, 0) { IsCommit = isCommit, Batch = ++Steps });

    public GroupReply<TResponse> Ask<TResponse>(Action<ShardStep, Reply<TResponse>> command)
        where TResponse : class
    {
        GroupReply<TResponse> reply = new();
        Step(step => command(step, reply));
        return reply;
    }

    public void Advance(long byMs)
    {
        long untilMs = NowMs + byMs;
        while (Shard.DeadlineMs <= untilMs)
        {
            NowMs = Math.Max(NowMs, Shard.DeadlineMs);
            Step(Shard.Tick);
        }

        NowMs = untilMs;
    }

    public GroupReply<JoinGroupResponse> Join(JoinGroupRequest request, short version = 9) =>
        Ask<JoinGroupResponse>((step, reply) => Shard.JoinGroup(step, Client(version), request, reply));

    public GroupReply<SyncGroupResponse> Sync(SyncGroupRequest request, short version = 4) =>
        Ask<SyncGroupResponse>((step, reply) => Shard.SyncGroup(step, Client(version), request, reply));

    public ErrorCode Heartbeat(string groupId, string memberId, int generation, string? instanceId = null)
    {
        var request = new HeartbeatRequest { GroupId = groupId, MemberId = memberId, GenerationId = generation, GroupInstanceId = instanceId };
        return Ask<HeartbeatResponse>((step, reply) => Shard.Heartbeat(step, Client(4), request, reply)).Answer.ErrorCode;
    }

    public LeaveGroupResponse Leave(string groupId, params LeaveGroupRequest.MemberIdentity[] members) =>
        Ask<LeaveGroupResponse>((step, reply) => Shard.LeaveGroup(step, Client(5), new LeaveGroupRequest { GroupId = groupId, Members = members }, reply)).Answer;

    public DescribeGroupsResponse.DescribedGroup Describe(string groupId, short version = 6) =>
        Ask<DescribeGroupsResponse.DescribedGroup>((step, reply) => Shard.DescribeGroups(step, Client(version), groupId, reply)).Answer;

    public ErrorCode Delete(string groupId)
    {
        GroupReply<DeleteGroupsResponse.DeletableGroupResult> reply =
            Ask<DeleteGroupsResponse.DeletableGroupResult>((step, reply) => Shard.DeleteGroups(step, Client(2), groupId, reply));
        if (reply.Response is null) Advance(0);
        return reply.Answer.ErrorCode;
    }

    public ListGroupsResponse.ListedGroup[] List(params string[] states) =>
        Ask<ListGroupsResponse>((step, reply) => Shard.ListGroups(step, Client(5), new ListGroupsRequest { StatesFilter = states }, reply)).Answer.Groups;

    public GroupReply<OffsetCommitResponse> Commit(OffsetCommitRequest request, short version = 9) =>
        Ask<OffsetCommitResponse>((step, reply) => Shard.OffsetCommit(step, Client(version), request, reply));

    public GroupReply<TxnOffsetCommitResponse> CommitInTransaction(TxnOffsetCommitRequest request) =>
        Ask<TxnOffsetCommitResponse>((step, reply) => Shard.TxnOffsetCommit(step, Client(4), request, reply));

    public OffsetFetchResponse.OffsetFetchResponseGroup Fetch(string groupId, OffsetFetchRequest.OffsetFetchRequestTopics[]? topics = null, bool requireStable = false)
    {
        var request = new OffsetFetchRequest.OffsetFetchRequestGroup { GroupId = groupId, Topics = topics };
        return Ask<OffsetFetchResponse.OffsetFetchResponseGroup>((step, reply) => Shard.OffsetFetch(step, Client(9), request, requireStable, reply)).Answer;
    }

    public void DeleteTopic(TopicImage topic)
    {
        var changes = new MetadataChanges();
        changes.DeletedTopics.Add(topic.Id, topic);
        Step(step => Shard.MetadataChanged(step, Image, changes));
    }

    public Uuid NewId() => new(0xabcd, ++_ids);

    private static GroupClient Client(short version) => new("client", "/127.0.0.1", version);

    private void Append(Entry entry)
    {
        entry.Offset = LogEnd++;
        _log.Add(entry);
        Apply(entry);
    }

    private void Load()
    {
        Shard = new GroupShard(() => Settings, NewId);
        foreach (Entry entry in _log) Apply(entry);
        Step(step => Shard.Loaded(step, Image));
    }

    private void Apply(Entry entry)
    {
        if (entry.IsCommit is { } isCommit)
        {
            Shard.ApplyMarker(entry.ProducerId, entry.ProducerEpoch, isCommit);
            return;
        }

        Shard.Apply(entry.Record, new RecordOrigin(entry.Offset, WallClockMs, entry.ProducerId, entry.ProducerEpoch));
    }

    /// <summary>One record of the log, or a marker.</summary>
    internal sealed record Entry(byte[] Key, byte[]? Value, long ProducerId, short ProducerEpoch)
    {
        /// <summary>True or false for a marker.</summary>
        public bool? IsCommit { get; init; }

        /// <summary>Records of one step are one batch.</summary>
        public long Batch { get; init; }

        public int Offset { get; set; }

        public CoordinatorRecord Record => new(
            CoordinatorRecords.ReadKey(CoordinatorLog.Group, Key)!,
            Value is null ? null : CoordinatorRecords.ReadValue(CoordinatorLog.Group, CoordinatorRecords.ReadType(Key), Value));
    }

    internal interface IFallible
    {
        bool IsLost { get; set; }
    }
}
