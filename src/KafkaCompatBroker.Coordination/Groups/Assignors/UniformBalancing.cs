using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>
/// The uniform assignment of a group whose members subscribe to different topics. Members keep what they have, free partitions go to the subscriber with the
/// least, then partitions move, topic by topic, from the subscriber with the most to the one with the least until no move makes it more even.
/// </summary>
internal sealed class UniformBalancing
{
    /// <summary>Bound of passes over the topics; a few are enough in practice.</summary>
    private const int PassesMax = 16;

    private const int Nobody = -1;

    private readonly AssignorMember[] _members;
    private readonly int[] _loads;
    private readonly Dictionary<Uuid, List<int>> _subscribers = [];
    private readonly Dictionary<Uuid, int[]> _owners = [];

    public UniformBalancing(AssignorMember[] members, Func<Uuid, int> partitionCount)
    {
        _members = members;
        _loads = new int[members.Length];
        for (int member = 0; member < members.Length; member++)
            foreach (Uuid topic in members[member].Topics)
            {
                if (!_subscribers.TryGetValue(topic, out List<int>? list))
                {
                    _subscribers.Add(topic, list = []);
                    int[] owners = new int[partitionCount(topic)];
                    Array.Fill(owners, Nobody);
                    _owners.Add(topic, owners);
                }

                list.Add(member);
            }
    }

    public IReadOnlyDictionary<string, PartitionsByTopic> Assign()
    {
        Keep();

        // Topics with the most partitions for each subscriber first, then those with the least choice.
        Uuid[] topics = [.. _subscribers.Keys
            .OrderByDescending(topic => (double)_owners[topic].Length / _subscribers[topic].Count)
            .ThenBy(topic => _subscribers[topic].Count)
            .ThenBy(static topic => topic)];
        foreach (Uuid topic in topics) Fill(topic);

        int unchanged = 0;
        for (int i = 0; i < PassesMax * topics.Length && unchanged < topics.Length; i++)
            unchanged = Balance(topics[i % topics.Length]) ? 0 : unchanged + 1;

        return Result();
    }

    private void Keep()
    {
        for (int member = 0; member < _members.Length; member++)
            foreach ((Uuid topic, int[] partitions) in _members[member].Target.Topics)
            {
                if (!_members[member].Topics.Contains(topic)) continue;
                int[] owners = _owners[topic];
                foreach (int partition in partitions)
                {
                    if (partition >= owners.Length || owners[partition] != Nobody) continue;
                    owners[partition] = member;
                    _loads[member]++;
                }
            }
    }

    private void Fill(Uuid topic)
    {
        int[] owners = _owners[topic];
        if (!owners.Contains(Nobody)) return;
        SortedSet<(int Load, int Member)> byLoad = [.. _subscribers[topic].Select(member => (_loads[member], member))];
        for (int partition = 0; partition < owners.Length; partition++)
        {
            if (owners[partition] != Nobody) continue;
            (int load, int member) = byLoad.Min;
            byLoad.Remove((load, member));
            byLoad.Add((load + 1, member));
            owners[partition] = member;
            _loads[member]++;
        }
    }

    /// <returns>True when a partition moved.</returns>
    private bool Balance(Uuid topic)
    {
        List<int> subscribers = _subscribers[topic];
        if (subscribers.Max(member => _loads[member]) - subscribers.Min(member => _loads[member]) <= 1) return false;

        int[] owners = _owners[topic];
        Dictionary<int, Stack<int>> owned = [];
        for (int partition = 0; partition < owners.Length; partition++)
        {
            if (!owned.TryGetValue(owners[partition], out Stack<int>? stack)) owned.Add(owners[partition], stack = []);
            stack.Push(partition);
        }

        SortedSet<(int Load, int Member)> takers = [.. subscribers.Select(member => (_loads[member], member))];
        SortedSet<(int Load, int Member)> givers = [.. owned.Keys.Select(member => (_loads[member], member))];
        bool moved = false;
        while (givers.Count > 0 && givers.Max.Load - takers.Min.Load > 1)
        {
            (_, int giver) = givers.Max;
            (_, int taker) = takers.Min;
            int partition = owned[giver].Pop();
            owners[partition] = taker;

            // A taker never has to give: its load stays below that of every giver by then.
            Reload(takers, givers, giver, -1, stays: owned[giver].Count > 0);
            Reload(takers, givers, taker, +1, stays: owned.TryGetValue(taker, out Stack<int>? own) && own.Count > 0);
            moved = true;
        }

        return moved;
    }

    private void Reload(SortedSet<(int Load, int Member)> takers, SortedSet<(int Load, int Member)> givers, int member, int change, bool stays)
    {
        takers.Remove((_loads[member], member));
        givers.Remove((_loads[member], member));
        _loads[member] += change;
        takers.Add((_loads[member], member));
        if (stays) givers.Add((_loads[member], member));
    }

    private Dictionary<string, PartitionsByTopic> Result()
    {
        List<(Uuid, int)>[] assigned = [.. _members.Select(static _ => new List<(Uuid, int)>())];
        foreach ((Uuid topic, int[] owners) in _owners)
            for (int partition = 0; partition < owners.Length; partition++) assigned[owners[partition]].Add((topic, partition));
        Dictionary<string, PartitionsByTopic> result = new(StringComparer.Ordinal);
        for (int member = 0; member < _members.Length; member++) result.Add(_members[member].MemberId, PartitionsByTopic.Of(assigned[member]));
        return result;
    }
}
