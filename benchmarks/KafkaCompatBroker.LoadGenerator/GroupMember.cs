using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>One member of a group of the classic protocol on a connection of its own, each call as blocking as the protocol is.</summary>
internal sealed class GroupMember(LoadOptions options, string group) : IDisposable
{
    private const short JoinVersion = 5;
    private const short SyncVersion = 3;
    private const short HeartbeatVersion = 3;
    // Longer than it takes to form the groups of ten thousand members.
    private const int SessionTimeoutMs = 300_000;
    private const int RebalanceTimeoutMs = 60_000;

    public WireClient Client { get; } = new(options.Bootstrap);

    public string Id { get; private set; } = "";

    public int Generation { get; private set; } = -1;

    /// <summary>Joins and syncs until it is in a generation with its assignment.</summary>
    /// <returns>How many members that generation has when this one leads it, else 0.</returns>
    public int Join()
    {
        while (true)
        {
            JoinGroupResponse joined = Client.Ask<JoinGroupRequest, JoinGroupResponse>(
                new JoinGroupRequest
                {
                    GroupId = group,
                    SessionTimeoutMs = SessionTimeoutMs,
                    RebalanceTimeoutMs = RebalanceTimeoutMs,
                    MemberId = Id,
                    ProtocolType = "load",
                    Protocols = [new() { Name = "each", Metadata = new byte[64] }],
                },
                JoinVersion);
            if (joined.ErrorCode is ErrorCode.MemberIdRequired or ErrorCode.None) Id = joined.MemberId;
            if (joined.ErrorCode is ErrorCode.MemberIdRequired or ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator) continue;
            if (joined.ErrorCode != ErrorCode.None) throw new IOException($"join failed: {joined.ErrorCode}");

            Generation = joined.GenerationId;
            bool leads = joined.Leader == Id;
            SyncGroupResponse synced = Client.Ask<SyncGroupRequest, SyncGroupResponse>(
                new SyncGroupRequest
                {
                    GroupId = group,
                    GenerationId = Generation,
                    MemberId = Id,
                    Assignments = leads ? [.. joined.Members.Select(Assign)] : [],
                },
                SyncVersion);
            if (synced.ErrorCode == ErrorCode.None) return leads ? joined.Members.Length : 0;
            if (synced.ErrorCode is not ErrorCode.RebalanceInProgress) throw new IOException($"sync failed: {synced.ErrorCode}");
        }
    }

    /// <summary>False when the member has to join again.</summary>
    public bool Beat()
    {
        ErrorCode error = Client.Ask<HeartbeatRequest, HeartbeatResponse>(Heartbeat(), HeartbeatVersion).ErrorCode;
        return error switch
        {
            ErrorCode.None => true,
            ErrorCode.RebalanceInProgress => false,
            _ => throw new IOException($"heartbeat failed: {error}"),
        };
    }

    /// <summary>The frame of a heartbeat, and where its answer, length prefix included, has the error.</summary>
    public (byte[] Frame, int ErrorAt, int AnswerBytes) HeartbeatFrame() => (WireClient.Frame(Heartbeat(), HeartbeatVersion), 4 + 4 + 4, 4 + 4 + 4 + 2);

    public void Dispose() => Client.Dispose();

    private HeartbeatRequest Heartbeat() => new() { GroupId = group, GenerationId = Generation, MemberId = Id };

    private static SyncGroupRequest.SyncGroupRequestAssignment Assign(JoinGroupResponse.JoinGroupResponseMember member) =>
        new() { MemberId = member.MemberId, Assignment = new byte[64] };
}
