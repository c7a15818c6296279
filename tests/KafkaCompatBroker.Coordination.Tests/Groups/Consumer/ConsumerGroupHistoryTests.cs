using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

/// <summary>Random histories of a group: whatever happens, no partition has two owners, epochs grow, the log holds everything, and in the end all is assigned.</summary>
public sealed class ConsumerGroupHistoryTests
{
    private static readonly string[] TopicNames = ["a", "b", "c1", "c2"];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1_000)]
    [InlineData(4, 1_000)]
    [InlineData(5, 0)]
    [InlineData(6, 1_000)]
    public void Every_history_keeps_the_promises(int seed, int assignmentIntervalMs)
    {
        for (int history = 0; history < 150; history++)
        {
            Random random = new((seed * 1_000) + history);
            History run = new(random, assignmentIntervalMs);
            try
            {
                for (int i = 0; i < 60; i++) run.Act();
                run.Converge();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {(seed * 1_000) + history}: {exception.Message}", exception);
            }
        }
    }

    private sealed class History
    {
        private readonly ConsumerRun _run;
        private readonly Random _random;
        private readonly List<SimulatedMember> _members = [];
        private int _ids;
        private int _groupEpoch;
        private ConsumerGroupDescribeResponse.DescribedGroup? _checked;

        public History(Random random, int assignmentIntervalMs)
        {
            _random = random;
            _run = new ConsumerRun(new() { ConsumerAssignmentIntervalMs = assignmentIntervalMs, InitialRebalanceDelayMs = 0 });
            _run.SetTopic("a", 3);
        }

        public void Act()
        {
            switch (_random.Next(40))
            {
                case < 4 when _members.Count < 6:
                    Add();
                    break;
                case 4 when _members.Count > 0:
                    Leave(Pick());
                    break;
                case 5 when _members.Count > 0:
                    Crash(Pick());
                    break;
                case 6 when _members.Count > 0:
                    Subscribe(Pick());
                    break;
                case 7:
                    _run.SetTopic(TopicNames[_random.Next(TopicNames.Length)], _random.Next(1, 5) + 3);
                    break;
                case 8:
                    _run.DeleteTopic(TopicNames[_random.Next(1, TopicNames.Length)]);
                    break;
                case 9:
                    Reload();
                    break;
                case 10:
                    _run.FailsToAppend = !_run.FailsToAppend && _random.Next(3) == 0;
                    break;
                case < 16:
                    _run.Advance(_random.Next(1, 8_000));
                    break;
                case < 24 when _members.Count > 0:
                    Pick().GiveUp();
                    break;
                case < 30 when _members.Count > 0:
                    Pick().Reconcile();
                    break;
                default:
                    if (_members.Count > 0) Beat(Pick());
                    break;
            }

            Check();
        }

        /// <summary>From now on everybody behaves: the group has to come to rest with everything assigned.</summary>
        public void Converge()
        {
            _run.FailsToAppend = false;
            for (int round = 0, calm = 0; round < 40 && calm < 6; round++)
            {
                int lengthBefore = _run.LogLength;
                foreach (SimulatedMember member in _members.ToArray())
                {
                    member.GiveUp();
                    member.Reconcile();
                    Beat(member, canLose: false);
                    Check();
                }

                _run.Advance(5_000);

                // At rest: all is as it should be, and six times round, longer than expressions wait to be resolved, nothing was decided.
                calm = _run.LogLength == lengthBefore && IsSettled(_run.Look()) ? calm + 1 : 0;
            }

            ConsumerGroupDescribeResponse.DescribedGroup group = _run.Describe();
            if (_members.Count == 0) return;
            Assert.Equal("Stable", group.GroupState);
            Assert.Equal(_members.Count, group.Members.Length);
            foreach (ConsumerGroupDescribeResponse.Member member in group.Members)
                Assert.Equal(Pairs(member.TargetAssignment).Order(), Pairs(member.Assignment).Order());
            HashSet<string> subscribed = [.. _members.SelectMany(static member => member.Regex is null ? member.Topics : TopicNames.Where(static name => name.StartsWith('c')))];
            int expected = _run.Image.TopicsByName.Values.Where(topic => subscribed.Contains(topic.Name)).Sum(static topic => topic.Partitions.Length);
            if (group.Members.Sum(static member => Pairs(member.Assignment).Count()) != expected || _members.Sum(static member => member.Owned.Count) != expected)
                Assert.Fail($"{expected} partitions are there of {string.Join(',', subscribed)}, members have {string.Join(',', _members.Select(static member => $"{member.MemberId} {member.Owned.Count} by {member.Regex ?? string.Join(' ', member.Topics)}"))}:\n{_run.Dump()}");
        }

        private static IEnumerable<(Uuid Topic, int Partition)> Pairs(ConsumerGroupDescribeResponse.AssignmentData assignment) =>
            assignment.TopicPartitions.SelectMany(static topic => topic.Partitions.Select(partition => (topic.TopicId, partition)));

        private SimulatedMember Pick() => _members[_random.Next(_members.Count)];

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

        private void Beat(SimulatedMember member, bool canLose = true)
        {
            int lengthBefore = _run.LogLength;
            bool fails = _run.FailsToAppend;
            ConsumerGroupHeartbeatRequest request = member.Beat();

            // A member that subscribes to names again has to take its expression back.
            if (request.SubscribedTopicNames is not null) request.SubscribedTopicRegex = "";
            else if (request.SubscribedTopicRegex is not null) request.SubscribedTopicNames = [];
            ConsumerGroupHeartbeatResponse response = _run.Send(request);
            if ((fails && _run.LogLength == lengthBefore) || (canLose && _random.Next(10) == 0)) member.Lost();
            else member.Heard(response);
        }

        private void Leave(SimulatedMember member)
        {
            _members.Remove(member);
            bool fails = _run.FailsToAppend;
            _run.Send(ConsumerRun.Leave(member.MemberId, member.InstanceId));
            if (fails) return;
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

        private void Reload()
        {
            string before = _run.Dump();
            _run.Reload();
            Assert.Equal(before, _run.Dump());
        }

        /// <summary>A member may read what it was given only until the coordinator takes it for dead; after that it is on its own (its heartbeat fails).</summary>
        private void Check()
        {
            ConsumerGroupDescribeResponse.DescribedGroup group = _run.Look();
            if (group.ErrorCode != ErrorCode.None) return;
            if (!ReferenceEquals(group, _checked)) CheckAssignment(group);
            _checked = group;

            // What a member that is in the group reads, the coordinator knows it to have.
            foreach (SimulatedMember member in _members)
            {
                if (member.Epoch == 0 || group.Members.FirstOrDefault(each => each.MemberId == member.MemberId) is not { } known || known.MemberEpoch < member.Epoch) continue;
                foreach ((Uuid Topic, int Partition) partition in member.Owned)
                {
                    if (!Has(known.Assignment, partition) && _run.Image.Topic(partition.Topic) is not null)
                        Assert.Fail($"{member.MemberId} reads {partition} without a right:\n{_run.Dump()}");
                }
            }
        }

        private bool IsSettled(ConsumerGroupDescribeResponse.DescribedGroup group) =>
            _members.Count == 0 || (group.GroupState == "Stable" && group.Members.Length == _members.Count
                && _members.TrueForAll(member => Array.Exists(group.Members, known => known.MemberId == member.MemberId && known.MemberEpoch == member.Epoch)));

        private void CheckAssignment(ConsumerGroupDescribeResponse.DescribedGroup group)
        {
            Assert.True(group.GroupEpoch >= _groupEpoch);
            Assert.True(group.AssignmentEpoch <= group.GroupEpoch);
            _groupEpoch = group.GroupEpoch;
            HashSet<(Uuid, int)> assigned = [];
            foreach (ConsumerGroupDescribeResponse.Member member in group.Members)
            {
                Assert.True(member.MemberEpoch <= group.GroupEpoch);
                foreach ((Uuid, int) partition in Pairs(member.Assignment))
                    if (!assigned.Add(partition)) Assert.Fail($"{partition} has two owners:\n{_run.Dump()}");
            }
        }

        private static bool Has(ConsumerGroupDescribeResponse.AssignmentData assignment, (Uuid Topic, int Partition) partition)
        {
            foreach (ConsumerGroupDescribeResponse.TopicPartitionsData topic in assignment.TopicPartitions)
                if (topic.TopicId == partition.Topic && topic.Partitions.Contains(partition.Partition)) return true;
            return false;
        }
    }
}
