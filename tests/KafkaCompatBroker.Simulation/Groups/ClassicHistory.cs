using System.Globalization;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>
/// A classic group: joins, heartbeats, commits, transactions, crashes of clients and of the coordinator, failed appends. Nobody owns another's
/// partition in the same generation, every acknowledged offset is there, and another coordinator finds the last completed generation.
/// </summary>
internal sealed class ClassicHistory : GroupHistory
{
    public const int Partitions = 4;

    private const string GroupId = "g";
    private const int ConsumersMax = 6, MembersMax = 4, SettledConsumers = 3;

    private readonly SimulatedRandom _random;
    private readonly GroupRun _run = new(new GroupSettings { InitialRebalanceDelayMs = 500, MaxSize = MembersMax });
    private readonly OffsetModel _offsets;
    private readonly List<SimulatedConsumer> _consumers = [];
    private readonly Dictionary<(int Generation, int Partition), string> _owners = [];
    private DescribeGroupsResponse.DescribedGroup? _completed;

    public ClassicHistory(SimulatedRandom random) => (_random, _offsets) = (random, new OffsetModel(_run, GroupId, random));

    public override GroupRun Shell => _run;

    protected override int Disturbances => 120;

    protected override string Disturb()
    {
        switch (_random.Next(100))
        {
            case < 50:
                Any()?.Act();
                return "a client acts";
            case < 62:
                Commit(Any());
                return "a client commits";
            case < 75:
                _run.Advance(_random.Next(4_000));
                return "time passes";
            case < 82:
                Start();
                return "a client starts";
            case < 86:
                if (Any() is { } dying) _consumers.Remove(dying);
                return "a client dies";
            case < 89:
                if (Any() is { } leaving && _consumers.Remove(leaving)) leaving.Leave();
                return "a client leaves";
            case < 92:
                Crash();
                return "the coordinator crashes";
            case < 95:
                _run.FailsToAppend = true;
                Any()?.Act();
                Commit(Any());
                _run.FailsToAppend = false;
                return "appends fail";
            case < 98:
                _offsets.CommitInTransaction("t", _random.Next(Partitions));
                return "a producer commits";
            default:
                _offsets.EndTransaction();
                return "a transaction ends";
        }
    }

    protected override void Check()
    {
        foreach (SimulatedConsumer consumer in _consumers)
        {
            foreach (int partition in consumer.Owned ?? [])
            {
                if (_owners.TryAdd((consumer.Generation, partition), consumer.Identity)) continue;
                if (_owners[(consumer.Generation, partition)] is { } owner && owner != consumer.Identity)
                    throw new InvariantViolation("OneOwner", $"partition {partition} belongs to {owner} and {consumer.Identity} in generation {consumer.Generation}");
            }
        }

        DescribeGroupsResponse.DescribedGroup group = _run.Describe(GroupId);
        if (group.GroupState is "Stable" or "Empty" or "Dead") _completed = group;
        _offsets.Check();
    }

    protected override void Settle()
    {
        while (_consumers.Count > SettledConsumers) _consumers.RemoveAt(_consumers.Count - 1);
        for (int round = 0; round < 200 && !IsSettled(); round++)
        {
            _consumers.RemoveAll(static consumer => consumer.IsFenced);
            while (_consumers.Count < SettledConsumers) Start();
            foreach (SimulatedConsumer consumer in _consumers)
            {
                Acted();
                consumer.Act();
            }

            _run.Advance(500);
            Check();
        }

        if (!IsSettled()) throw new InvariantViolation("ComesToRest", State());
        int[] owned = [.. _consumers.SelectMany(static consumer => consumer.Owned!).Order()];
        if (!owned.SequenceEqual(Enumerable.Range(0, Partitions))) throw new InvariantViolation("EverythingAssigned", $"{string.Join(',', owned)} are owned");
        Crash();
        Check();
    }

    protected override string State() => Text(_run.Describe(GroupId));

    /// <summary>The coordinator's process is gone; another one reads the log, and must know the last completed generation.</summary>
    private void Crash()
    {
        DescribeGroupsResponse.DescribedGroup? completed = _completed;
        foreach (SimulatedConsumer consumer in _consumers) consumer.Disconnect();
        if (_random.Next(2) == 0) _run.Reload();
        else _run.ReloadCompacted(_random);

        // Static members who have not joined again count only then: too many have to join anew.
        if (completed?.Members.Length > MembersMax) return;
        string before = completed is null ? "" : Text(completed), after = State();
        if (before != after) throw new InvariantViolation("ReloadGivesTheSame", $"{before}\nbefore and after\n{after}");
    }

    private bool IsSettled() => _consumers.Count == SettledConsumers
        && _consumers.TrueForAll(consumer => consumer.Owned is not null && consumer.Generation == _consumers[0].Generation)
        && _run.Describe(GroupId) is { GroupState: "Stable", Members.Length: SettledConsumers };

    // Members that nobody but the coordinator's memory knew leave an empty group, or none.
    private static string Text(DescribeGroupsResponse.DescribedGroup group) => group.Members.Length == 0 ? "" : string.Join('\n', group.Members
        .OrderBy(static member => member.MemberId, StringComparer.Ordinal)
        .Select(static member => $"{member.MemberId} {member.GroupInstanceId} {Convert.ToHexString(member.MemberMetadata.Span)} {Convert.ToHexString(member.MemberAssignment.Span)}")
        .Prepend($"{group.GroupState} {group.ProtocolType} {group.ProtocolData}"));

    private SimulatedConsumer? Any() => _consumers.Count == 0 ? null : _consumers[_random.Next(_consumers.Count)];

    private void Start()
    {
        if (_consumers.Count >= ConsumersMax) return;
        string? instanceId = _random.Next(3) == 0 ? "i" + _random.Next(3).ToString(CultureInfo.InvariantCulture) : null;
        _consumers.Add(new SimulatedConsumer(_run, GroupId, instanceId, (short)_random.Next(1, 10)));
    }

    private void Commit(SimulatedConsumer? consumer)
    {
        if (consumer is null) return;
        int partition = consumer.Owned is { Length: > 0 } owned ? owned[_random.Next(owned.Length)] : 0;
        ErrorCode error = _offsets.Commit("t", partition, consumer.MemberId, consumer.InstanceId, consumer.Generation);

        // Who has an assignment has it from a generation that stands in the log. Who is in none may commit while the group is empty.
        if (error == ErrorCode.None && consumer.Generation >= 0 && _consumers.Exists(other => other.Owned is not null && other.Generation > consumer.Generation))
            throw new InvariantViolation("ZombiesAreFenced", $"{consumer.Identity} commits in generation {consumer.Generation}:\n{State()}");
    }
}
