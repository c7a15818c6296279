using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

/// <summary>Random histories of a group whose members come with both protocols, so that it changes between a classic and a consumer group.</summary>
public sealed class MixedGroupHistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Group_survives_every_change_of_protocol(int seed)
    {
        int upgrades = 0, downgrades = 0;
        for (int history = 0; history < 150; history++)
        {
            History run = new(new Random((seed * 1_000) + history));
            try
            {
                for (int i = 0; i < 60; i++) run.Act();
                run.Converge();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {(seed * 1_000) + history}: {exception.Message}", exception);
            }

            upgrades += run.Upgrades;
            downgrades += run.Downgrades;
        }

        Assert.True(upgrades > 10 && downgrades > 10, $"{upgrades} upgrades and {downgrades} downgrades say little");
    }

    private sealed class History
    {
        private readonly ConsumerRun _run = new();
        private readonly Random _random;
        private readonly List<SimulatedMember> _members = [];
        private readonly List<SimulatedClassicMember> _classic = [];
        private int _ids;
        private bool? _wasClassic;

        public History(Random random)
        {
            _random = random;
            _run.SetTopic("a", 5);
        }

        public int Upgrades { get; private set; }

        public int Downgrades { get; private set; }

        public void Act()
        {
            switch (_random.Next(30))
            {
                case 0 when _members.Count < 2:
                    SimulatedMember added = new($"m{++_ids}", null, _random);
                    added.Subscribe(["a"], null);
                    _members.Add(added);
                    break;
                case 1 when _classic.Count < 3:
                    _classic.Add(new SimulatedClassicMember(_run));
                    break;
                case 2 when _members.Count > 0:
                    SimulatedMember left = _members[0];
                    _members.RemoveAt(0);
                    if (_random.Next(3) > 0) _run.Send(ConsumerRun.Leave(left.MemberId));
                    break;
                case 3 when _classic.Count > 0 && _random.Next(2) == 0:
                    SimulatedClassicMember gone = _classic[0];
                    _classic.RemoveAt(0);
                    if (_random.Next(3) > 0) gone.Leave();
                    break;
                case 4 when _random.Next(3) == 0:
                    Reload();
                    break;
                case 5:
                    _run.Advance(_random.Next(1, 4_000));
                    break;
                case < 15 when _classic.Count > 0:
                    _classic[_random.Next(_classic.Count)].Act();
                    break;
                default:
                    if (_members.Count > 0) Beat(_members[_random.Next(_members.Count)]);
                    break;
            }

            _run.Settle();
            Check();
        }

        public void Converge()
        {
            for (int round = 0, calm = 0; round < 60 && calm < 5; round++)
            {
                int lengthBefore = _run.LogLength;
                foreach (SimulatedMember member in _members) Beat(member);
                foreach (SimulatedClassicMember member in _classic) member.Act();
                _run.Settle();
                Check();
                _run.Advance(1_000);
                calm = _run.LogLength == lengthBefore && IsSettled(_run.Look()) ? calm + 1 : 0;
            }

            if (_members.Count == 0) return;
            ConsumerGroupDescribeResponse.DescribedGroup group = _run.Describe();
            Assert.Equal("Stable", group.GroupState);
            Assert.Equal(_members.Count + _classic.Count, group.Members.Length);
            Assert.Equal(5, _members.Sum(static member => member.Owned.Count) + _classic.Sum(static member => member.Owned.Length));
            Assert.All(_classic, static member => Assert.True(member.IsAtRest));
        }

        private bool IsSettled(ConsumerGroupDescribeResponse.DescribedGroup group) => _classic.TrueForAll(static member => member.IsAtRest)
            && (_members.Count == 0 || (group.GroupState == "Stable" && group.Members.Length == _members.Count + _classic.Count
                && _members.TrueForAll(member => Array.Exists(group.Members, known => known.MemberId == member.MemberId && known.MemberEpoch == member.Epoch))));

        private void Beat(SimulatedMember member)
        {
            member.GiveUp();
            member.Reconcile();
            member.Heard(_run.Send(member.Beat()));
        }

        private void Reload()
        {
            string before = _run.Dump();
            _run.Reload();
            Assert.Equal(before, _run.Dump());
        }

        private void Check()
        {
            ConsumerGroupDescribeResponse.DescribedGroup group = _run.Look();
            bool? isClassic = group.ErrorCode == ErrorCode.None ? false : _run.DescribeClassic().ErrorCode == ErrorCode.None ? true : null;
            if (_wasClassic == true && isClassic == false) Upgrades++;
            if (_wasClassic == false && isClassic == true) Downgrades++;
            _wasClassic = isClassic;
            HashSet<(Uuid, int)> assigned = [];
            foreach (ConsumerGroupDescribeResponse.Member member in group.Members)
                foreach (ConsumerGroupDescribeResponse.TopicPartitionsData topic in member.Assignment.TopicPartitions)
                    foreach (int partition in topic.Partitions)
                        if (!assigned.Add((topic.TopicId, partition))) Assert.Fail($"{partition} has two owners:\n{_run.Dump()}");
        }
    }
}
