using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>The uniform assignment of a group whose members all subscribe to the same topics: everybody gets the same share, or one partition more.</summary>
internal static class UniformShares
{
    public static IReadOnlyDictionary<string, PartitionsByTopic> Assign(AssignorMember[] members, Func<Uuid, int> partitionCount)
    {
        if (members.Length == 0) return new Dictionary<string, PartitionsByTopic>();
        Uuid[] topics = [.. members[0].Topics.Order()];
        Dictionary<Uuid, bool[]> taken = topics.ToDictionary(static topic => topic, topic => new bool[partitionCount(topic)]);
        List<(Uuid Topic, int Partition)>[] kept = [.. members.Select(member => Valid(member, taken))];
        int total = taken.Values.Sum(static partitions => partitions.Length);
        (int share, int extra) = Math.DivRem(total, members.Length);

        // Who has more than the share keeps one of it, while there are extra ones: that moves the fewest partitions.
        int[] quota = new int[members.Length];
        Array.Fill(quota, share);
        for (int i = 0; i < members.Length && extra > 0; i++)
            if (kept[i].Count > share) (quota[i], extra) = (share + 1, extra - 1);
        for (int i = 0; i < members.Length && extra > 0; i++)
            if (quota[i] == share) (quota[i], extra) = (share + 1, extra - 1);

        for (int i = 0; i < members.Length; i++)
            while (kept[i].Count > quota[i])
            {
                (Uuid topic, int partition) = kept[i][^1];
                taken[topic][partition] = false;
                kept[i].RemoveAt(kept[i].Count - 1);
            }

        using IEnumerator<(Uuid Topic, int Partition)> free = Free(topics, taken).GetEnumerator();
        Dictionary<string, PartitionsByTopic> result = new(StringComparer.Ordinal);
        for (int i = 0; i < members.Length; i++)
        {
            while (kept[i].Count < quota[i] && free.MoveNext()) kept[i].Add(free.Current);
            result.Add(members[i].MemberId, PartitionsByTopic.Of(kept[i]));
        }

        return result;
    }

    /// <summary>What a member has of the topics that are assigned; marks it as taken.</summary>
    private static List<(Uuid Topic, int Partition)> Valid(AssignorMember member, Dictionary<Uuid, bool[]> taken)
    {
        List<(Uuid, int)> valid = [];
        foreach ((Uuid topic, int[] partitions) in member.Target.Topics)
        {
            if (!taken.TryGetValue(topic, out bool[]? isTaken)) continue;
            foreach (int partition in partitions)
            {
                if (partition >= isTaken.Length || isTaken[partition]) continue;
                isTaken[partition] = true;
                valid.Add((topic, partition));
            }
        }

        return valid;
    }

    private static IEnumerable<(Uuid Topic, int Partition)> Free(Uuid[] topics, Dictionary<Uuid, bool[]> taken)
    {
        foreach (Uuid topic in topics)
            for (int partition = 0; partition < taken[topic].Length; partition++)
                if (!taken[topic][partition]) yield return (topic, partition);
    }
}
