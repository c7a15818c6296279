using System.Globalization;
using System.Text;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>A client of the classic protocol: joins, assigns when it leads, heartbeats, and joins again when it is told to. One call of <see cref="Act"/> is one thing it does.</summary>
internal sealed class SimulatedConsumer(GroupRun run, string groupId, string? instanceId, short joinVersion)
{
    private GroupReply<JoinGroupResponse>? _join;
    private JoinGroupResponse? _joined;
    private GroupReply<SyncGroupResponse>? _sync;
    private bool _hasJoined;

    public string MemberId { get; private set; } = "";

    public string? InstanceId => instanceId;

    public int Generation { get; private set; } = -1;

    /// <summary>Fenced by another process with the same instance id: it is gone for good.</summary>
    public bool IsFenced { get; private set; }

    /// <summary>Partitions it owns in <see cref="Generation"/>; null while it has no assignment.</summary>
    public int[]? Owned { get; private set; }

    public bool IsWaiting => _join is { IsLost: false, IsAnswered: false } || _sync is { IsLost: false, IsAnswered: false };

    /// <summary>Who it is to others: a static member stays the same when it starts again.</summary>
    public string Identity => instanceId ?? MemberId;

    public void Act()
    {
        if (IsFenced || IsWaiting) return;
        if (_join is not null) TakeJoin(_join);
        else if (_joined is not null) Sync(_joined);
        else if (_sync is not null) TakeSync(_sync);
        else if (!_hasJoined) Join();
        else Take(run.Heartbeat(groupId, MemberId, Generation, instanceId));
    }

    public void Leave()
    {
        if (IsFenced || MemberId.Length == 0) return;
        run.Leave(groupId, new LeaveGroupRequest.MemberIdentity { MemberId = MemberId, GroupInstanceId = instanceId });
    }

    /// <summary>Ends the wait: the connection to the coordinator is gone.</summary>
    public void Disconnect() => (_join, _sync, _hasJoined) = (null, null, (_hasJoined && Owned is not null) || _joined is not null);

    private void Join() => _join = run.Join(
        new JoinGroupRequest
        {
            GroupId = groupId,
            MemberId = MemberId,
            GroupInstanceId = instanceId,
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 15_000,
            ProtocolType = "test",
            Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = "even", Metadata = Encoding.UTF8.GetBytes(Identity) }],
        },
        joinVersion);

    private void TakeJoin(GroupReply<JoinGroupResponse> join)
    {
        _join = null;
        if (join.IsLost) return;
        JoinGroupResponse answer = join.Answer;
        if (answer.ErrorCode == ErrorCode.MemberIdRequired) MemberId = answer.MemberId;
        if (answer.ErrorCode != ErrorCode.None)
        {
            Take(answer.ErrorCode);
            return;
        }

        (MemberId, Generation, Owned, _joined) = (answer.MemberId, answer.GenerationId, null, answer);
    }

    private void Sync(JoinGroupResponse answer)
    {
        _joined = null;
        bool assigns = answer.Leader == MemberId && !answer.SkipAssignment;
        _sync = run.Sync(new SyncGroupRequest
        {
            GroupId = groupId,
            MemberId = MemberId,
            GroupInstanceId = instanceId,
            GenerationId = Generation,
            Assignments = assigns ? [.. answer.Members.Select((member, index) => Assignment(member.MemberId, index, answer.Members.Length))] : [],
        });
    }

    private static SyncGroupRequest.SyncGroupRequestAssignment Assignment(string memberId, int index, int members) => new()
    {
        MemberId = memberId,
        Assignment = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, ClassicHistory.Partitions).Where(partition => partition % members == index))),
    };

    private void TakeSync(GroupReply<SyncGroupResponse> sync)
    {
        _sync = null;
        if (sync.IsLost || sync.Answer.ErrorCode != ErrorCode.None)
        {
            _hasJoined = false;
            if (!sync.IsLost) Take(sync.Answer.ErrorCode);
            return;
        }

        _hasJoined = true;
        string assignment = Encoding.UTF8.GetString(sync.Answer.Assignment.Span);
        Owned = [.. assignment.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(partition => int.Parse(partition, CultureInfo.InvariantCulture))];
    }

    private void Take(ErrorCode error)
    {
        if (error == ErrorCode.None) return;
        (_hasJoined, Owned) = (false, null);
        if (error == ErrorCode.UnknownMemberId) MemberId = "";
        if (error == ErrorCode.FencedInstanceId) IsFenced = true;
    }
}
