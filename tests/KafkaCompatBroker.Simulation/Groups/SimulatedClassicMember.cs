using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>A cooperative member of the classic protocol that reads the topic "a": joins, syncs, sends heartbeats, joins again when it is told to.</summary>
internal sealed class SimulatedClassicMember(ConsumerRun run)
{
    private const string Topic = "a";

    private Func<JoinGroupResponse?>? _join;
    private Func<SyncGroupResponse?>? _sync;
    private string[] _led = [];
    private bool _mustJoin = true;
    private bool _mustSync;

    public string MemberId { get; private set; } = "";

    public int Generation { get; private set; } = -1;

    public int[] Owned { get; private set; } = [];

    /// <summary>True when it neither waits nor has anything to ask.</summary>
    public bool IsAtRest => !_mustJoin && !_mustSync;

    public void Act()
    {
        if (_join is not null) Joined();
        else if (_sync is not null) Synced();
        else if (_mustJoin) _join = run.JoinLater(Join());
        else if (_mustSync) _sync = run.SyncLater(Sync());
        else Heard(run.Heartbeat(MemberId, Generation));
    }

    public void Leave() => run.LeaveClassic(MemberId);

    private JoinGroupRequest Join() => new()
    {
        GroupId = "g", MemberId = MemberId, ProtocolType = "consumer", SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 20_000,
        Protocols = [new() { Name = "range", Metadata = EmbeddedProtocol.Subscription(Topic, (Topic, Owned)) }],
    };

    private SyncGroupRequest Sync()
    {
        int partitions = run.Image.Topic(Topic)?.Partitions.Length ?? 0;
        return new SyncGroupRequest
        {
            GroupId = "g", MemberId = MemberId, GenerationId = Generation, ProtocolType = "consumer", ProtocolName = "range",
            Assignments = [.. _led.Select((id, index) => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = id, Assignment = EmbeddedProtocol.Encode((Topic, [.. Enumerable.Range(0, partitions).Where(partition => partition % _led.Length == index)])),
            })],
        };
    }

    private void Joined()
    {
        if (_join!() is not { } response) return;
        _join = null;
        switch (response.ErrorCode)
        {
            case ErrorCode.None:
                (MemberId, Generation, _mustJoin, _mustSync) = (response.MemberId, response.GenerationId, false, true);
                _led = [.. response.Members.Select(static member => member.MemberId)];
                break;
            case ErrorCode.MemberIdRequired:
                MemberId = response.MemberId;
                break;
            default:
                Heard(response.ErrorCode);
                break;
        }
    }

    private void Synced()
    {
        if (_sync!() is not { } response) return;
        _sync = null;
        _mustSync = false;
        if (response.ErrorCode != ErrorCode.None)
        {
            Heard(response.ErrorCode);
            return;
        }

        int[] assigned = [.. EmbeddedProtocol.Partitions(response.Assignment).SelectMany(static topic => topic.Partitions)];

        // What it has to give up it says with another join.
        _mustJoin = Owned.Except(assigned).Any();
        Owned = assigned;
    }

    private void Heard(ErrorCode error)
    {
        if (error == ErrorCode.None) return;
        _mustJoin = true;
        _mustSync = false;
        if (error is ErrorCode.RebalanceInProgress) return;
        Owned = [];
        if (error == ErrorCode.UnknownMemberId) MemberId = "";
    }
}
