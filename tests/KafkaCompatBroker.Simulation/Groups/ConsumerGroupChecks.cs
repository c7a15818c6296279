using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>What must hold of a group while it is a consumer group.</summary>
internal sealed class ConsumerGroupChecks(ConsumerRun run, SimulatedRandom random)
{
    private readonly HashSet<(Uuid, int)> _assigned = [];
    private ConsumerGroupDescribeResponse.DescribedGroup? _checked;
    private int _groupEpoch;

    /// <summary>A member may read what it was given only until the coordinator takes it for dead; after that it is on its own (its heartbeat fails).</summary>
    public void Check(List<SimulatedMember> members)
    {
        ConsumerGroupDescribeResponse.DescribedGroup group = run.Look();
        if (group.ErrorCode != ErrorCode.None)
        {
            // The next group of that name starts over.
            _groupEpoch = 0;
            return;
        }

        if (!ReferenceEquals(group, _checked)) CheckAssignment(group);
        _checked = group;

        // What a member that is in the group reads, the coordinator knows it to have.
        foreach (SimulatedMember member in members)
        {
            if (member.Epoch == 0 || Find(group, member.MemberId) is not { } known || known.MemberEpoch < member.Epoch) continue;
            foreach ((Uuid Topic, int Partition) partition in member.Owned)
            {
                if (!Has(known.Assignment, partition) && run.Image.Topic(partition.Topic) is not null)
                    throw new InvariantViolation("OneOwner", $"{member.MemberId} reads {partition} without a right:\n{run.Dump()}");
            }
        }
    }

    /// <summary>Another coordinator takes over from the log, compacted or not, and must know the same.</summary>
    public void Reload()
    {
        string before = run.Dump();
        run.Reload(random.Next(2) == 0 ? random : null);
        string after = run.Dump();
        if (before != after) throw new InvariantViolation("ReloadGivesTheSame", $"{before}\nbefore and after\n{after}");
    }

    /// <summary>A group at rest: everybody has what is meant for it, and all partitions of the topics have an owner.</summary>
    /// <param name="classic">How many members of the classic protocol there are besides.</param>
    /// <param name="ownedByClassic">How many partitions these own.</param>
    public void IsWholeAt(List<SimulatedMember> members, TopicImage[] topics, int classic = 0, int ownedByClassic = 0)
    {
        ConsumerGroupDescribeResponse.DescribedGroup group = run.Describe();
        if (group.GroupState != "Stable" || group.Members.Length != members.Count + classic) throw new InvariantViolation("ComesToRest", run.Dump());
        foreach (ConsumerGroupDescribeResponse.Member member in group.Members)
        {
            if (!Pairs(member.TargetAssignment).Order().SequenceEqual(Pairs(member.Assignment).Order()))
                throw new InvariantViolation("ComesToRest", $"{member.MemberId} has not what it should have:\n{run.Dump()}");
        }

        int expected = topics.Sum(static topic => topic.Partitions.Length);
        int assigned = group.Members.Sum(static member => Pairs(member.Assignment).Count()), owned = members.Sum(static member => member.Owned.Count) + ownedByClassic;
        if (assigned != expected || owned != expected)
            throw new InvariantViolation("EverythingAssigned", $"of {expected} partitions {assigned} are assigned and {owned} owned:\n{run.Dump()}");
    }

    private static IEnumerable<(Uuid Topic, int Partition)> Pairs(ConsumerGroupDescribeResponse.AssignmentData assignment) =>
        assignment.TopicPartitions.SelectMany(static topic => topic.Partitions.Select(partition => (topic.TopicId, partition)));

    private static ConsumerGroupDescribeResponse.Member? Find(ConsumerGroupDescribeResponse.DescribedGroup group, string memberId)
    {
        foreach (ConsumerGroupDescribeResponse.Member member in group.Members)
            if (member.MemberId == memberId) return member;
        return null;
    }

    private static bool Has(ConsumerGroupDescribeResponse.AssignmentData assignment, (Uuid Topic, int Partition) partition)
    {
        foreach (ConsumerGroupDescribeResponse.TopicPartitionsData topic in assignment.TopicPartitions)
            if (topic.TopicId == partition.Topic && topic.Partitions.Contains(partition.Partition)) return true;
        return false;
    }

    private void CheckAssignment(ConsumerGroupDescribeResponse.DescribedGroup group)
    {
        if (group.GroupEpoch < _groupEpoch || group.AssignmentEpoch > group.GroupEpoch)
            throw new InvariantViolation("EpochsGrow", $"after {_groupEpoch} comes\n{run.Dump()}");
        _groupEpoch = group.GroupEpoch;
        _assigned.Clear();
        foreach (ConsumerGroupDescribeResponse.Member member in group.Members)
        {
            if (member.MemberEpoch > group.GroupEpoch) throw new InvariantViolation("EpochsGrow", $"{member.MemberId} is ahead:\n{run.Dump()}");
            foreach (ConsumerGroupDescribeResponse.TopicPartitionsData topic in member.Assignment.TopicPartitions)
                foreach (int partition in topic.Partitions)
                    if (!_assigned.Add((topic.TopicId, partition))) throw new InvariantViolation("OneOwner", $"{topic.TopicName}-{partition} has two owners:\n{run.Dump()}");
        }
    }
}
