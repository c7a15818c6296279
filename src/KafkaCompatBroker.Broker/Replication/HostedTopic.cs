using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// The replicas of one topic on this broker, by partition index. Replaced as a whole when the set changes, so that requests read it
/// without a lock.
/// </summary>
/// <param name="Name">Topic name.</param>
/// <param name="Id">Topic id.</param>
/// <param name="Partitions">Replicas by partition index; null where this broker has none.</param>
internal sealed record HostedTopic(string Name, Uuid Id, Partition?[] Partitions)
{
    public Partition? Find(int index) => (uint)index < (uint)Partitions.Length ? Partitions[index] : null;
}
