using System.Globalization;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// Which of a topic's replicas on one broker are throttled (KIP-73): the values of <c>leader.replication.throttled.replicas</c> and
/// <c>follower.replication.throttled.replicas</c>.
/// </summary>
public sealed class ThrottledReplicas
{
    private const string Everything = "*";

    private readonly HashSet<int>? _partitions;

    private ThrottledReplicas(HashSet<int>? partitions) => _partitions = partitions;

    /// <summary>No replica at all.</summary>
    public static ThrottledReplicas None { get; } = new([]);

    /// <summary>Reads a list of <c>partition:broker</c>, or a single asterisk.</summary>
    /// <param name="listed">A value that its validator has accepted.</param>
    /// <param name="brokerId">The broker whose replicas count.</param>
    public static ThrottledReplicas Of(IReadOnlyList<string> listed, int brokerId)
    {
        if (listed.Count == 0)
            return None;
        if (listed is [Everything])
            return new(null);

        HashSet<int> partitions = [];
        foreach (string replica in listed)
        {
            int colon = replica.IndexOf(':', StringComparison.Ordinal);
            if (int.TryParse(replica.AsSpan(colon + 1), CultureInfo.InvariantCulture, out int broker)
                && broker == brokerId
                && int.TryParse(replica.AsSpan(0, colon), CultureInfo.InvariantCulture, out int partition))
            {
                partitions.Add(partition);
            }
        }

        return new(partitions);
    }

    /// <summary>Whether the broker's replica of a partition is throttled.</summary>
    /// <param name="partition">Index of the partition.</param>
    public bool Contains(int partition) => _partitions?.Contains(partition) != false;
}
