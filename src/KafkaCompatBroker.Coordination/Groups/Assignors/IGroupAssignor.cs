namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>A server-side assignor (KIP-848). Without state; the same input has always the same result.</summary>
public interface IGroupAssignor
{
    /// <summary>The name by which members and group.consumer.assignors choose it.</summary>
    string Name { get; }

    /// <summary>Assigns every partition of every subscribed topic to one member that subscribes to it.</summary>
    /// <returns>What each member should have, for every member.</returns>
    IReadOnlyDictionary<string, PartitionsByTopic> Assign(AssignorGroup group);
}
