using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>
/// A group whose members come with both protocols, so that it changes between a classic and a consumer group: no partition has two owners, no offset
/// is lost on the way, and in the end all is assigned.
/// </summary>
internal sealed class MixedHistory : GroupHistory
{
    private const string Topic = "a";
    private const int Partitions = 5;
    private const int MembersMax = 2, ClassicMembersMax = 3;

    private readonly ConsumerRun _run = new();
    private readonly SimulatedRandom _random;
    private readonly OffsetModel _offsets;
    private readonly ConsumerGroupChecks _checks;
    private readonly List<SimulatedMember> _members = [];
    private readonly List<SimulatedClassicMember> _classic = [];
    private int _ids;
    private bool? _wasClassic;

    public MixedHistory(SimulatedRandom random)
    {
        _random = random;
        _offsets = new OffsetModel(_run.Shell, ConsumerRun.GroupId, random);
        _checks = new ConsumerGroupChecks(_run, random);
        _run.SetTopic(Topic, Partitions);
    }

    public override GroupRun Shell => _run.Shell;

    protected override int Disturbances => 60;

    protected override string Disturb()
    {
        switch (_random.Next(34))
        {
            case 0 when _members.Count < MembersMax:
                SimulatedMember added = new($"m{++_ids}", null, _random);
                added.Subscribe([Topic], null);
                _members.Add(added);
                return "a member comes";
            case 1 when _classic.Count < ClassicMembersMax:
                _classic.Add(new SimulatedClassicMember(_run));
                return "a classic member comes";
            case 2 when _members.Count > 0:
                SimulatedMember left = _members[0];
                _members.RemoveAt(0);
                if (_random.Next(3) > 0) _run.Send(ConsumerRun.Leave(left.MemberId));
                return "a member goes";
            case 3 when _classic.Count > 0 && _random.Next(2) == 0:
                SimulatedClassicMember gone = _classic[0];
                _classic.RemoveAt(0);
                if (_random.Next(3) > 0) gone.Leave();
                return "a classic member goes";
            case 4 when _random.Next(3) == 0:
                _checks.Reload();
                return "the coordinator crashes";
            case 5:
                _run.Advance(_random.Next(1, 4_000));
                return "time passes";
            case < 15 when _classic.Count > 0:
                _classic[_random.Next(_classic.Count)].Act();
                return "a classic member acts";
            case 30:
                _offsets.CommitInTransaction(Topic, _random.Next(Partitions));
                return "a producer commits";
            case 31:
                _offsets.EndTransaction();
                return "a transaction ends";
            case > 31:
                Commit();
                return "a member commits";
            default:
                if (_members.Count > 0) Beat(_members[_random.Next(_members.Count)]);
                return "a member says that it is alive";
        }
    }

    protected override void Check()
    {
        _run.Settle();
        bool? isClassic = _run.Look().ErrorCode == ErrorCode.None ? false : _run.DescribeClassic().ErrorCode == ErrorCode.None ? true : null;
        if (_wasClassic == true && isClassic == false) Upgrades++;
        if (_wasClassic == false && isClassic == true) Downgrades++;
        _wasClassic = isClassic;
        _checks.Check(_members);
        _offsets.Check();
    }

    protected override void Settle()
    {
        for (int round = 0, calm = 0; round < 60 && calm < 5; round++)
        {
            int lengthBefore = _run.LogLength;
            foreach (SimulatedMember member in _members)
            {
                Acted();
                Beat(member);
            }

            foreach (SimulatedClassicMember member in _classic)
            {
                Acted();
                member.Act();
            }

            Check();
            _run.Advance(1_000);
            calm = _run.LogLength == lengthBefore && IsSettled(_run.Look()) ? calm + 1 : 0;
        }

        if (!_classic.TrueForAll(static member => member.IsAtRest)) throw new InvariantViolation("ComesToRest", State());
        if (_members.Count > 0) _checks.IsWholeAt(_members, [_run.Image.Topic(Topic)!], _classic.Count, _classic.Sum(static member => member.Owned.Length));
        _checks.Reload();
        Check();
    }

    protected override string State() => _run.Dump();

    private bool IsSettled(ConsumerGroupDescribeResponse.DescribedGroup group) => _classic.TrueForAll(static member => member.IsAtRest)
        && (_members.Count == 0 || (group.GroupState == "Stable" && group.Members.Length == _members.Count + _classic.Count
            && _members.TrueForAll(member => Array.Exists(group.Members, known => known.MemberId == member.MemberId && known.MemberEpoch == member.Epoch))));

    private void Beat(SimulatedMember member)
    {
        member.GiveUp();
        member.Reconcile();
        member.Heard(_run.Send(member.Beat()));
    }

    private void Commit()
    {
        int partition = _random.Next(Partitions);
        if (_members.Count > 0 && _random.Next(2) == 0)
            _offsets.Commit(Topic, partition, _members[0].MemberId, null, _members[0].Epoch);
        else if (_classic.Count > 0)
            _offsets.Commit(Topic, partition, _classic[0].MemberId, null, _classic[0].Generation);
    }
}
