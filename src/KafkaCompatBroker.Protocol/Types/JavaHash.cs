namespace KafkaCompatBroker.Protocol.Types;

/// <summary>
/// The string hash of Java's language specification, over UTF-16 units. Which partition of an internal topic a group, transactional id or
/// share partition belongs to depends on it.
/// </summary>
public static class JavaHash
{
    public static int Of(string text)
    {
        int hash = 0;
        foreach (char unit in text)
        {
            hash = unchecked((31 * hash) + unit);
        }

        return hash;
    }

    /// <summary>Partition of an internal topic with <paramref name="partitions"/> partitions that coordinates this id.</summary>
    public static int CoordinatorPartition(string id, int partitions)
    {
        int hash = Of(id);

        // The smallest int has no absolute value; it counts as 0.
        return hash == int.MinValue ? 0 : Math.Abs(hash) % partitions;
    }
}
