using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>A group whose partitions are to be assigned.</summary>
/// <param name="Members">All members, in any order.</param>
/// <param name="PartitionCount">Number of partitions of a topic to which a member subscribes.</param>
public sealed record AssignorGroup(IReadOnlyList<AssignorMember> Members, Func<Uuid, int> PartitionCount)
{
    /// <summary>True when every member subscribes to the same topics.</summary>
    public bool IsHomogeneous()
    {
        IReadOnlySet<Uuid>? last = null;
        foreach (AssignorMember member in Members)
        {
            if (last is not null && !ReferenceEquals(last, member.Topics) && !last.SetEquals(member.Topics)) return false;
            last = member.Topics;
        }

        return true;
    }
}
