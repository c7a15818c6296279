using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>What is wrong with a partition, as clients of one listener see it.</summary>
internal static class PartitionHealth
{
    /// <summary>LEADER_NOT_AVAILABLE without a live leader, LISTENER_NOT_FOUND when it lacks the client's listener.</summary>
    public static ErrorCode ErrorOf(MetadataImage image, PartitionImage partition, string listener)
    {
        if (!image.Brokers.TryGetValue(partition.Leader, out BrokerImage? leader) || leader.IsFenced) return ErrorCode.LeaderNotAvailable;
        return leader.EndpointOf(listener) is null ? ErrorCode.ListenerNotFound : ErrorCode.None;
    }

    /// <summary>Replicas on brokers that are down, lack the listener, or lost the log directory.</summary>
    public static int[] OfflineReplicas(MetadataImage image, PartitionImage partition, string listener)
    {
        int offline = 0;
        for (int at = 0; at < partition.Replicas.Length; at++)
            if (IsOffline(image, partition, at, listener)) offline++;
        if (offline == 0) return [];
        return [.. partition.Replicas.Where((_, at) => IsOffline(image, partition, at, listener))];
    }

    private static bool IsOffline(MetadataImage image, PartitionImage partition, int at, string listener)
    {
        if (!image.Brokers.TryGetValue(partition.Replicas[at], out BrokerImage? broker) || broker.IsFenced || broker.EndpointOf(listener) is null) return true;
        if (at >= partition.Directories.Length || broker.LogDirs.IsEmpty) return false;
        Uuid directory = partition.Directories[at];
        return !directory.IsReserved && !broker.LogDirs.Contains(directory);
    }
}
