using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>
/// Gives each subscriber of a topic one range of its partitions, the first ones a partition more when it does not come out even. Members are in the same
/// order for every topic, so that topics with equally many partitions are co-partitioned. Racks play no part, as in Kafka 4.4.
/// </summary>
public sealed class RangeAssignor : IGroupAssignor
{
    public const string AssignorName = "range";

    /// <inheritdoc/>
    public string Name => AssignorName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, PartitionsByTopic> Assign(AssignorGroup group)
    {
        // Static members first: their place in the order survives a restart.
        List<AssignorMember> members = [.. group.Members
            .OrderBy(static member => member.InstanceId is null)
            .ThenBy(static member => member.InstanceId ?? member.MemberId, StringComparer.Ordinal)];
        Dictionary<Uuid, List<AssignorMember>> subscribers = [];
        foreach (AssignorMember member in members)
            foreach (Uuid topic in member.Topics)
            {
                if (!subscribers.TryGetValue(topic, out List<AssignorMember>? list)) subscribers.Add(topic, list = []);
                list.Add(member);
            }

        Dictionary<string, List<(Uuid, IEnumerable<int>)>> assigned = members.ToDictionary(
            static member => member.MemberId, static member => new List<(Uuid, IEnumerable<int>)>(member.Topics.Count), StringComparer.Ordinal);
        foreach ((Uuid topic, List<AssignorMember> list) in subscribers)
        {
            (int share, int extra) = Math.DivRem(group.PartitionCount(topic), list.Count);
            int start = 0;
            for (int i = 0; i < list.Count; i++)
            {
                int length = i < extra ? share + 1 : share;
                if (length == 0) break;
                assigned[list[i].MemberId].Add((topic, Enumerable.Range(start, length)));
                start += length;
            }
        }

        return assigned.ToDictionary(static entry => entry.Key, static entry => PartitionsByTopic.Of(entry.Value), StringComparer.Ordinal);
    }
}
