using System.Text;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Classic;

/// <summary>A shard and short forms of what members of the group "g" ask of it.</summary>
internal sealed class ClassicFixture
{
    public ClassicFixture(GroupSettings? settings = null) => Run = new GroupRun(settings);

    public GroupRun Run { get; }

    public static JoinGroupRequest Request(string memberId, string? instanceId = null, params string[] protocols) => new()
    {
        GroupId = "g",
        MemberId = memberId,
        GroupInstanceId = instanceId,
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = 20_000,
        ProtocolType = "test",
        Protocols = [.. (protocols.Length == 0 ? ["range"] : protocols).Select(name => new JoinGroupRequest.JoinGroupRequestProtocol { Name = name, Metadata = Encoding.UTF8.GetBytes(name) })],
    };

    public GroupReply<JoinGroupResponse> Join(string memberId, string? instanceId = null, params string[] protocols) => Run.Join(Request(memberId, instanceId, protocols));

    /// <summary>A new dynamic member: asks for its id and joins with it.</summary>
    public (string MemberId, GroupReply<JoinGroupResponse> Reply) JoinNew(params string[] protocols)
    {
        string memberId = Join("", null, protocols).Answer.MemberId;
        return (memberId, Join(memberId, null, protocols));
    }

    /// <summary>The leader assigns to each member its own id.</summary>
    public GroupReply<SyncGroupResponse> Sync(JoinGroupResponse joined, string? instanceId = null) => Run.Sync(new SyncGroupRequest
    {
        GroupId = "g",
        MemberId = joined.MemberId,
        GroupInstanceId = instanceId,
        GenerationId = joined.GenerationId,
        Assignments = [.. joined.Members.Select(member => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = member.MemberId, Assignment = Encoding.UTF8.GetBytes(member.MemberId) })],
    });

    /// <summary>A stable group of so many dynamic members, the leader first.</summary>
    public JoinGroupResponse[] Stable(int members)
    {
        var joins = new List<GroupReply<JoinGroupResponse>>();
        for (int i = 0; i < members; i++) joins.Add(JoinNew().Reply);
        for (int i = 0; i < 100 && !joins.TrueForAll(join => join.IsAnswered); i++) Run.Advance(Run.Settings.InitialRebalanceDelayMs);
        JoinGroupResponse[] joined = [.. joins.Select(join => join.Answer).OrderByDescending(join => join.Leader == join.MemberId)];
        Assert.All(joined.Select(join => Sync(join)).Reverse(), sync => Assert.Equal(ErrorCode.None, sync.Answer.ErrorCode));
        return joined;
    }

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
