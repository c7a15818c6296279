using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>Gives members equally many partitions, as far as their subscriptions allow, and moves as few as it can. Racks play no part, as in Kafka 4.4.</summary>
public sealed class UniformAssignor : IGroupAssignor
{
    public const string AssignorName = "uniform";

    /// <inheritdoc/>
    public string Name => AssignorName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, PartitionsByTopic> Assign(AssignorGroup group)
    {
        // A fixed order makes equal choices the same on every broker.
        AssignorMember[] members = [.. group.Members.OrderBy(static member => member.MemberId, StringComparer.Ordinal)];
        return group.IsHomogeneous()
            ? UniformShares.Assign(members, group.PartitionCount)
            : new UniformBalancing(members, group.PartitionCount).Assign();
    }
}
