using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>What happens to partitions when a broker comes or goes.</summary>
internal static class LeadershipChanges
{
    /// <summary>Takes a broker out of in-sync replicas and leadership.</summary>
    /// <param name="isDoubtful">True when it stopped without warning and may have lost its last writes.</param>
    public static IEnumerable<IMessage> BrokerLeaves(ControllerContext context, int broker, bool isDoubtful)
    {
        foreach (TopicImage topic in InOrder(context.Image))
            for (int index = 0; index < topic.Partitions.Length; index++)
            {
                PartitionImage partition = topic.Partitions[index];
                bool isEligible = partition.EligibleLeaderReplicas.Contains(broker);
                if (partition.Leader != broker && !partition.Isr.Contains(broker) && !(isDoubtful && isEligible)) continue;
                PartitionChangeRecord? record = new PartitionTransition(
                    context.Image, topic.Id, index, partition, context.MinInSyncReplicas(topic.Name, partition.Replicas.Length))
                {
                    TargetIsr = [.. partition.Isr.Where(id => id != broker)],
                    LeavingBroker = broker,
                    DoubtfulBroker = isDoubtful ? broker : -1,
                    Election = context.AllowsUncleanElection(topic.Name) ? ElectionKind.Unclean : ElectionKind.Online,
                }.Build();
                if (record is not null) yield return record;
            }
    }

    /// <summary>Gives partitions without a leader to a broker that came back.</summary>
    public static IEnumerable<IMessage> BrokerComes(ControllerContext context, int broker)
    {
        foreach (TopicImage topic in InOrder(context.Image))
            for (int index = 0; index < topic.Partitions.Length; index++)
            {
                PartitionImage partition = topic.Partitions[index];
                if (partition.Leader != PartitionImage.NoLeader || !partition.Replicas.Contains(broker)) continue;
                PartitionChangeRecord? record = new PartitionTransition(
                    context.Image, topic.Id, index, partition, context.MinInSyncReplicas(topic.Name, partition.Replicas.Length))
                {
                    ComingBroker = broker,
                    Election = context.AllowsUncleanElection(topic.Name) ? ElectionKind.Unclean : ElectionKind.Online,
                }.Build();
                if (record is not null) yield return record;
            }
    }

    private static IEnumerable<TopicImage> InOrder(MetadataImage image) =>
        image.TopicsByName.Values.OrderBy(static topic => topic.Name, StringComparer.Ordinal);
}
