using System.Globalization;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Groups;

/// <summary>
/// One classic group under a seeded history of joins, heartbeats, commits, transactions, crashes of clients and of the coordinator, and failed appends.
/// After every event it checks that nobody owns another's partition in the same generation, and that every acknowledged offset is there.
/// </summary>
internal sealed class GroupSimulation
{
    public const int Partitions = 4;

    private const string GroupId = "g";

    private static readonly int[] AllPartitions = [.. Enumerable.Range(0, Partitions)];

    private readonly Random _random;
    private readonly GroupRun _run;
    private readonly List<SimulatedConsumer> _consumers = [];
    private readonly Dictionary<(int Generation, int Partition), string> _owners = [];
    private readonly Dictionary<int, Stored> _offsets = [];
    private readonly Dictionary<long, Dictionary<int, Stored>> _pending = [];
    private long _lastOffset;
    private (GroupShard Shard, int LogLength) _checked;

    public GroupSimulation(int seed)
    {
        _random = new Random(seed);
        _run = new GroupRun(new GroupSettings { InitialRebalanceDelayMs = 500, MaxSize = 4 });
    }

    public GroupRun Run => _run;

    public IReadOnlyList<SimulatedConsumer> Consumers => _consumers;

    /// <summary>One event.</summary>
    public void Disturb()
    {
        switch (_random.Next(100))
        {
            case < 50:
                Any()?.Act();
                break;
            case < 62:
                Commit(Any());
                break;
            case < 75:
                _run.Advance(_random.Next(4_000));
                break;
            case < 82:
                Start();
                break;
            case < 86:
                if (Any() is { } dying) _consumers.Remove(dying);
                break;
            case < 89:
                if (Any() is { } leaving && _consumers.Remove(leaving)) leaving.Leave();
                break;
            case < 92:
                Crash();
                break;
            case < 95:
                _run.FailsToAppend = true;
                Any()?.Act();
                Commit(Any());
                _run.FailsToAppend = false;
                break;
            case < 98:
                CommitInTransaction();
                break;
            default:
                EndTransaction();
                break;
        }

        Check();
    }

    /// <summary>No more trouble: the living go on until the group is stable.</summary>
    public void Settle(int consumers)
    {
        while (_consumers.Count > consumers) _consumers.RemoveAt(_consumers.Count - 1);
        for (int round = 0; round < 200 && !IsSettled(consumers); round++)
        {
            _consumers.RemoveAll(consumer => consumer.IsFenced);
            while (_consumers.Count < consumers) Start();
            foreach (SimulatedConsumer consumer in _consumers) consumer.Act();
            _run.Advance(500);
            Check();
        }
    }

    /// <summary>The coordinator's process is gone; another one reads the log, and must know the same.</summary>
    public void Crash()
    {
        DescribeGroupsResponse.DescribedGroup before = _run.Describe(GroupId);
        foreach (SimulatedConsumer consumer in _consumers) consumer.Disconnect();
        _run.Reload();
        DescribeGroupsResponse.DescribedGroup after = _run.Describe(GroupId);
        if (before.GroupState == "Stable") Assert.Equal(Text(before), Text(after));
        else Assert.Contains(after.GroupState, new[] { "Stable", "Empty", "Dead" });
    }

    private bool IsSettled(int consumers) => _run.Describe(GroupId) is { GroupState: "Stable" } group
        && group.Members.Length == consumers
        && _consumers.Count == consumers
        && _consumers.All(consumer => consumer.Owned is not null && consumer.Generation == _consumers[0].Generation);

    private static string Text(DescribeGroupsResponse.DescribedGroup group) => string.Join('\n', group.Members
        .OrderBy(member => member.MemberId, StringComparer.Ordinal)
        .Select(member => $"{member.MemberId} {member.GroupInstanceId} {Convert.ToHexString(member.MemberMetadata.Span)} {Convert.ToHexString(member.MemberAssignment.Span)}")
        .Prepend($"{group.GroupState} {group.ProtocolType} {group.ProtocolData}"));

    private SimulatedConsumer? Any() => _consumers.Count == 0 ? null : _consumers[_random.Next(_consumers.Count)];

    private void Start()
    {
        if (_consumers.Count >= 6) return;
        string? instanceId = _random.Next(3) == 0 ? "i" + _random.Next(3).ToString(CultureInfo.InvariantCulture) : null;
        _consumers.Add(new SimulatedConsumer(_run, GroupId, instanceId, (short)_random.Next(1, 10)));
    }

    private void Commit(SimulatedConsumer? consumer)
    {
        if (consumer is null) return;
        int partition = consumer.Owned is { Length: > 0 } owned ? owned[_random.Next(owned.Length)] : 0;
        long offset = ++_lastOffset;
        int record = _run.Log.Count;
        GroupReply<OffsetCommitResponse> reply = _run.Commit(new OffsetCommitRequest
        {
            GroupId = GroupId,
            GenerationIdOrMemberEpoch = consumer.Generation,
            MemberId = consumer.MemberId,
            GroupInstanceId = consumer.InstanceId,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset }] }],
        });
        if (!reply.IsLost && reply.Answer.Topics[0].Partitions[0].ErrorCode == ErrorCode.None) _offsets[partition] = new Stored(offset, record);
    }

    private void CommitInTransaction()
    {
        long producerId = _random.Next(3);
        int partition = _random.Next(Partitions);
        long offset = ++_lastOffset;
        int record = _run.Log.Count;
        GroupReply<TxnOffsetCommitResponse> reply = _run.CommitInTransaction(new TxnOffsetCommitRequest
        {
            GroupId = GroupId,
            ProducerId = producerId,
            TransactionalId = "tx",
            GenerationIdOrMemberEpoch = -1,
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset }] }],
        });
        if (reply.Answer.Topics[0].Partitions[0].ErrorCode != ErrorCode.None) return;
        if (!_pending.TryGetValue(producerId, out Dictionary<int, Stored>? pending)) _pending.Add(producerId, pending = []);
        pending[partition] = new Stored(offset, record);
    }

    private void EndTransaction()
    {
        long producerId = _random.Next(3);
        bool isCommit = _random.Next(2) == 0;
        _run.Marker(producerId, isCommit);
        if (!_pending.Remove(producerId, out Dictionary<int, Stored>? pending) || !isCommit) return;
        foreach ((int partition, Stored stored) in pending)
        {
            if (!_offsets.TryGetValue(partition, out Stored? present) || present.Record < stored.Record) _offsets[partition] = stored;
        }
    }

    private void Check()
    {
        foreach (SimulatedConsumer consumer in _consumers)
        {
            foreach (int partition in consumer.Owned ?? [])
            {
                if (_owners.TryAdd((consumer.Generation, partition), consumer.Identity)) continue;
                if (_owners[(consumer.Generation, partition)] != consumer.Identity)
                    Assert.Fail($"partition {partition} has two owners in generation {consumer.Generation}: {_owners[(consumer.Generation, partition)]} and {consumer.Identity}");
            }
        }

        // Offsets change with the log only, and are looked at anew when another coordinator has read it.
        (GroupShard, int) state = (_run.Shard, _run.Log.Count);
        if (state == _checked) return;
        _checked = state;
        CheckOffsets();
    }

    // Runs after every event of thousands of histories: no asserts that format what they compare.
    private void CheckOffsets()
    {
        int count = 0;
        foreach (OffsetFetchResponse.OffsetFetchResponseTopics topic in _run.Fetch(GroupId).Topics)
        {
            foreach (OffsetFetchResponse.OffsetFetchResponsePartitions partition in topic.Partitions)
            {
                count++;
                if (!_offsets.TryGetValue(partition.PartitionIndex, out Stored? expected) || expected.Offset != partition.CommittedOffset)
                    Assert.Fail($"partition {partition.PartitionIndex} has offset {partition.CommittedOffset} instead of {expected?.Offset}");
            }
        }

        if (count != _offsets.Count) Assert.Fail($"{count} offsets are left of {_offsets.Count}");
        foreach (OffsetFetchResponse.OffsetFetchResponsePartitions partition in
            _run.Fetch(GroupId, [new() { Name = "t", PartitionIndexes = AllPartitions }], requireStable: true).Topics[0].Partitions)
        {
            ErrorCode expected = IsPending(partition.PartitionIndex) ? ErrorCode.UnstableOffsetCommit : ErrorCode.None;
            if (partition.ErrorCode != expected) Assert.Fail($"partition {partition.PartitionIndex} says {partition.ErrorCode} instead of {expected}");
        }
    }

    private bool IsPending(int partition)
    {
        foreach (Dictionary<int, Stored> pending in _pending.Values)
            if (pending.ContainsKey(partition)) return true;
        return false;
    }

    private sealed record Stored(long Offset, int Record);
}
