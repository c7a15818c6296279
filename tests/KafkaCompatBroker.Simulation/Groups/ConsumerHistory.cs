using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>
/// A consumer group: members that come, die, change their minds and lose answers, topics that come and go, crashes of the coordinator, failed appends.
/// No partition has two owners, epochs grow, every acknowledged offset is there, the log holds everything, and in the end all is assigned.
/// </summary>
internal sealed class ConsumerHistory : GroupHistory
{
    private const int MembersMax = 6;

    private static readonly string[] TopicNames = ["a", "b", "c1", "c2"];

    private readonly SimulatedRandom _random;
    private readonly ConsumerRun _run;
    private readonly OffsetModel _offsets;
    private readonly List<SimulatedMember> _members = [];
    private readonly ConsumerGroupChecks _checks;
    private int _ids;

    public ConsumerHistory(SimulatedRandom random)
    {
        _random = random;
        _run = new ConsumerRun(new GroupSettings { ConsumerAssignmentIntervalMs = random.Next(2) * 1_000, InitialRebalanceDelayMs = 0 });
        _offsets = new OffsetModel(_run.Shell, ConsumerRun.GroupId, random);
        _checks = new ConsumerGroupChecks(_run, random);
        _run.SetTopic("a", 3);
    }

    public override GroupRun Shell => _run.Shell;

    protected override int Disturbances => 60;

    protected override string Disturb()
    {
        int what = _random.Next(46);
        switch (what)
        {
            case < 4 when _members.Count < MembersMax:
                Add();
                return "a member comes";
            case 7:
                _run.SetTopic(TopicNames[_random.Next(TopicNames.Length)], _random.Next(1, 5) + 3);
                return "a topic changes";
            case 8:
                DeleteTopic(TopicNames[_random.Next(1, TopicNames.Length)]);
                return "a topic is deleted";
            case 9:
                _checks.Reload();
                return "the coordinator crashes";
            case 10:
                _run.FailsToAppend = !_run.FailsToAppend && _random.Next(3) == 0;
                return "appends fail, or no longer";
            case < 16 and > 10:
                _run.Advance(_random.Next(1, 8_000));
                return "time passes";
            case 40:
                _offsets.CommitInTransaction("a", _random.Next(3));
                return "a producer commits";
            case 41:
                _offsets.EndTransaction();
                return "a transaction ends";
        }

        if (_members.Count == 0) return "nobody is there";
        SimulatedMember member = _members[_random.Next(_members.Count)];
        return DisturbMember(what, member) + " " + member.MemberId;
    }

    protected override void Check()
    {
        _checks.Check(_members);
        _offsets.Check();
    }

    protected override void Settle()
    {
        for (int round = 0, calm = 0; round < 40 && calm < 6; round++)
        {
            int lengthBefore = _run.LogLength;
            foreach (SimulatedMember member in _members)
            {
                Acted();
                member.GiveUp();
                member.Reconcile();
                Beat(member, canLose: false);
                Check();
            }

            _run.Advance(5_000);

            // At rest: all is as it should be, and six times round, longer than expressions wait to be resolved, nothing was decided.
            calm = _run.LogLength == lengthBefore && IsSettled(_run.Look()) ? calm + 1 : 0;
        }

        Check();
        _checks.Reload();
        if (_members.Count == 0) return;
        HashSet<string> subscribed = [.. _members.SelectMany(static member => member.Regex is null ? member.Topics : TopicNames.Where(static name => name.StartsWith('c')))];
        _checks.IsWholeAt(_members, [.. _run.Image.TopicsByName.Values.Where(topic => subscribed.Contains(topic.Name))]);
    }

    protected override string State() => _run.Dump();

    private string DisturbMember(int what, SimulatedMember member)
    {
        switch (what)
        {
            case 4:
                _members.Remove(member);
                _run.Send(ConsumerRun.Leave(member.MemberId, member.InstanceId));
                return "leaves:";
            case 5:
                Crash(member);
                return "dies:";
            case 6:
                Subscribe(member);
                return "subscribes:";
            case > 15 and < 24:
                member.GiveUp();
                return "gives up what it was told to:";
            case > 15 and < 30:
                member.Reconcile();
                return "takes what it was given:";
            case > 41:
                (Uuid topic, int partition) = member.Owned.FirstOrDefault();
                _offsets.Commit(_run.Image.Topic(topic)?.Name ?? "a", partition, member.MemberId, member.InstanceId, member.Epoch);
                return "commits:";
            default:
                Beat(member);
                return "says that it is alive:";
        }
    }

    private void Add()
    {
        int id = ++_ids;
        SimulatedMember member = new($"m{id}", _random.Next(4) == 0 ? $"i{id}" : null, _random);
        _members.Add(member);
        Subscribe(member);
        Beat(member);
    }

    private void Subscribe(SimulatedMember member)
    {
        if (_random.Next(5) == 0) member.Subscribe([], "c.*");
        else member.Subscribe([.. TopicNames.Where(_ => _random.Next(3) > 0)], member.Regex is null ? null : "");
        if (member.Regex == "") member.Subscribe(member.Topics, null);
    }

    private void DeleteTopic(string name)
    {
        _run.DeleteTopic(name);
        if (!_run.FailsToAppend) _offsets.TopicDeleted(name);
    }

    private void Beat(SimulatedMember member, bool canLose = true)
    {
        ConsumerGroupHeartbeatRequest request = member.Beat();

        // A member that subscribes to names again has to take its expression back.
        if (request.SubscribedTopicNames is not null) request.SubscribedTopicRegex = "";
        else if (request.SubscribedTopicRegex is not null) request.SubscribedTopicNames = [];
        GroupReply<ConsumerGroupHeartbeatResponse> reply = _run.SendTo(request);
        if (reply.IsLost || (canLose && _random.Next(10) == 0)) member.Lost();
        else member.Heard(reply.Answer);
    }

    /// <summary>Silent for good, or, as a static member, back under another id.</summary>
    private void Crash(SimulatedMember member)
    {
        if (member.InstanceId is not null && !_run.FailsToAppend)
        {
            _run.Send(ConsumerRun.Leave(member.MemberId, member.InstanceId, -2));
            member.Restart($"m{++_ids}");
        }
        else
        {
            _members.Remove(member);
        }
    }

    private bool IsSettled(ConsumerGroupDescribeResponse.DescribedGroup group) =>
        _members.Count == 0 || (group.GroupState == "Stable" && group.Members.Length == _members.Count
            && _members.TrueForAll(member => Array.Exists(group.Members, known => known.MemberId == member.MemberId && known.MemberEpoch == member.Epoch)));
}
