using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>
/// Spreads replicas over brokers and racks: leaders go round the racks and round the brokers of a rack, each further
/// replica to another rack while there is one. The same input gives the same placement.
/// </summary>
internal static class ReplicaPlacement
{
    /// <summary>Largest number of partitions in one request, a bound on the size of one atomic write.</summary>
    public const int PartitionsMax = 10_000;

    /// <summary>Replica lists for partitions <paramref name="first"/> and up.</summary>
    /// <param name="seed">Where to begin, so that topics do not all start at the same broker.</param>
    public static CommandError? Place(
        MetadataImage image, int seed, int first, int count, short replicationFactor, out int[][] replicas)
    {
        replicas = [];
        BrokerImage[] usable = [.. image.Brokers.Values.Where(static broker => !HasOnlyCordonedDirs(broker))];
        if (replicationFactor > usable.Length)
            return Refuse(replicationFactor,
                $"The target replication factor of {replicationFactor} cannot be reached because only {usable.Length} broker(s) are registered or some brokers have all their log directories cordoned.");
        if (!usable.Any(static broker => broker.IsActive))
            return Refuse(replicationFactor, "All brokers are currently fenced or have all their log directories cordoned.");
        int[][] racks = RacksOf(usable);
        replicas = new int[count][];
        for (int index = 0; index < count; index++)
            replicas[index] = PlaceOne(image, racks, (seed & int.MaxValue) % 1024 + first + index, replicationFactor);
        return null;
    }

    /// <summary>Checks a replica list that an operator gave.</summary>
    /// <param name="replicationFactor">Length that earlier lists had; null for the first.</param>
    public static CommandError? CheckManual(MetadataImage image, IReadOnlyList<int> brokers, int? replicationFactor)
    {
        const ErrorCode Invalid = ErrorCode.InvalidReplicaAssignment;
        if (brokers.Count == 0) return new CommandError(Invalid, "The manual partition assignment includes an empty replica list.");
        int[] sorted = [.. brokers.Order()];
        for (int index = 0; index < sorted.Length; index++)
        {
            if (index > 0 && sorted[index] == sorted[index - 1])
                return new CommandError(Invalid, $"The manual partition assignment includes the broker {sorted[index]} more than once.");
            if (!image.Brokers.ContainsKey(sorted[index]))
                return new CommandError(Invalid, $"The manual partition assignment includes broker {sorted[index]}, but no such broker is registered.");
        }

        return replicationFactor is { } earlier && earlier != brokers.Count
            ? new CommandError(Invalid,
                $"The manual partition assignment includes a partition with {brokers.Count} replica(s), but this is not consistent with previous partitions, which have {earlier} replica(s).")
            : null;
    }

    /// <summary>The record of a new partition, or why it cannot be: none of its replicas is up.</summary>
    public static CommandError? Build(MetadataImage image, Uuid topicId, int index, int[] replicas, out PartitionRecord record)
    {
        int[] isr = [.. replicas.Where(image.IsActive)];
        record = new PartitionRecord
        {
            PartitionId = index,
            TopicId = topicId,
            Replicas = replicas,
            Directories = [.. replicas.Select(id => DefaultDirectoryOf(image, id))],
            Isr = isr,
            Leader = isr.Length > 0 ? isr[0] : PartitionImage.NoLeader,
            LeaderEpoch = 0,
            PartitionEpoch = 0,
        };
        return isr.Length > 0
            ? null
            : new CommandError(ErrorCode.InvalidReplicaAssignment,
                $"All brokers specified in the manual partition assignment for partition {index} are fenced or in controlled shutdown.");
    }

    /// <summary>The only log directory of a broker, or the id for "not assigned yet".</summary>
    public static Uuid DefaultDirectoryOf(MetadataImage image, int brokerId)
    {
        if (!image.Brokers.TryGetValue(brokerId, out BrokerImage? broker)) return Uuid.UnassignedDirectory;
        if (broker.LogDirs.IsEmpty) return Uuid.MigratingDirectory;
        Uuid[] open = [.. broker.LogDirs.Where(dir => broker.CordonedLogDirs.IsDefault || !broker.CordonedLogDirs.Contains(dir))];
        return open.Length == 1 ? open[0] : Uuid.UnassignedDirectory;
    }

    private static CommandError Refuse(short replicationFactor, string reason) =>
        new(ErrorCode.InvalidReplicationFactor, $"Unable to replicate the partition {replicationFactor} time(s): {reason}");

    private static bool HasOnlyCordonedDirs(BrokerImage broker) =>
        !broker.CordonedLogDirs.IsDefaultOrEmpty && broker.LogDirs.Length > 0 && broker.LogDirs.All(dir => broker.CordonedLogDirs.Contains(dir));

    private static int[][] RacksOf(BrokerImage[] brokers) =>
    [
        .. brokers.GroupBy(static broker => broker.Rack ?? "", StringComparer.Ordinal)
            .OrderBy(static rack => rack.Key, StringComparer.Ordinal)
            .Select(static rack => rack.Select(static broker => broker.Id).Order().ToArray()),
    ];

    private static int[] PlaceOne(MetadataImage image, int[][] racks, int turn, short replicationFactor)
    {
        var chosen = new List<int>(replicationFactor);
        for (int round = 0; chosen.Count < replicationFactor; round++)
            for (int step = 0; step < racks.Length && chosen.Count < replicationFactor; step++)
            {
                int[] rack = racks[(turn + step) % racks.Length];
                if (round < rack.Length) chosen.Add(rack[((turn / racks.Length) + round) % rack.Length]);
            }

        // The preferred leader must be able to lead.
        int leader = chosen.FindIndex(image.IsActive);
        if (leader < 0)
        {
            chosen[^1] = image.Brokers.Values.First(static broker => broker.IsActive).Id;
            leader = chosen.Count - 1;
        }

        (chosen[0], chosen[leader]) = (chosen[leader], chosen[0]);
        return [.. chosen];
    }
}
