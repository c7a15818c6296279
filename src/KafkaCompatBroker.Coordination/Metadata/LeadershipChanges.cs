using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>What happens to partitions when a broker comes or goes.</summary>
internal static class LeadershipChanges
{
    /// <summary>Whether a broker leads anything.</summary>
    public static bool Leads(ControllerContext context, int broker) =>
        context.Image.TopicsById.Values.Any(topic => topic.Partitions.Any(partition => partition.Leader == broker));

    /// <summary>Takes a broker out of in-sync replicas and leadership.</summary>
    /// <param name="isDoubtful">True when it stopped without warning and may have lost its last writes.</param>
    public static IEnumerable<IMessage> BrokerLeaves(ControllerContext context, int broker, bool isDoubtful)
    {
        foreach (TopicImage topic in InOrder(context.Image, partition => partition.Replicas.Contains(broker)))
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

    /// <summary>Takes a broker out of in-sync replicas and leadership of what it kept in log directories that failed (KIP-858).</summary>
    public static IEnumerable<IMessage> DirectoriesFail(ControllerContext context, int broker, Uuid[] directories)
    {
        foreach (TopicImage topic in InOrder(context.Image, partition => partition.Replicas.Contains(broker)))
            for (int index = 0; index < topic.Partitions.Length; index++)
            {
                PartitionImage partition = topic.Partitions[index];
                int at = Array.IndexOf(partition.Replicas, broker);
                if (at >= 0 && directories.Contains(partition.Directories[at]) && Leave(context, topic, index, broker) is { } record) yield return record;
            }
    }

    /// <summary>One partition loses one broker.</summary>
    public static PartitionChangeRecord? Leave(ControllerContext context, TopicImage topic, int index, int broker)
    {
        PartitionImage partition = topic.Partitions[index];
        return partition.Leader != broker && !partition.Isr.Contains(broker)
            ? null
            : new PartitionTransition(context.Image, topic.Id, index, partition, context.MinInSyncReplicas(topic.Name, partition.Replicas.Length))
            {
                TargetIsr = [.. partition.Isr.Where(id => id != broker)],
                LeavingBroker = broker,
                Election = context.AllowsUncleanElection(topic.Name) ? ElectionKind.Unclean : ElectionKind.Online,
            }.Build();
    }

    /// <summary>Gives partitions back to their first replica where that is in sync, at most so many at once.</summary>
    public static IEnumerable<IMessage> Balance(ControllerContext context, int recordsMax) => Elect(
        context,
        ElectionKind.Preferred,
        static partition => partition.Replicas.Length > 1 && partition.Leader != partition.Replicas[0] && partition.Isr.Contains(partition.Replicas[0]),
        static _ => true).Take(recordsMax);

    /// <summary>Gives partitions without a leader to any live replica where their topic allows that, at most so many at once.</summary>
    public static IEnumerable<IMessage> ElectUnclean(ControllerContext context, int recordsMax) => Elect(
        context,
        ElectionKind.Unclean,
        static partition => partition.Leader == PartitionImage.NoLeader,
        context.AllowsUncleanElection).Take(recordsMax);

    /// <summary>Gives partitions without a leader to a broker that came back.</summary>
    public static IEnumerable<IMessage> BrokerComes(ControllerContext context, int broker)
    {
        foreach (TopicImage topic in InOrder(context.Image, static partition => partition.Leader == PartitionImage.NoLeader))
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

    private static IEnumerable<IMessage> Elect(
        ControllerContext context, ElectionKind election, Func<PartitionImage, bool> isWanted, Func<string, bool> isAllowed)
    {
        foreach (TopicImage topic in InOrder(context.Image, isWanted))
            for (int index = 0; index < topic.Partitions.Length; index++)
            {
                PartitionImage partition = topic.Partitions[index];
                if (!isWanted(partition) || !isAllowed(topic.Name)) continue;
                PartitionChangeRecord? record = new PartitionTransition(
                    context.Image, topic.Id, index, partition, context.MinInSyncReplicas(topic.Name, partition.Replicas.Length)) { Election = election }.Build();
                if (record is { Leader: >= 0 }) yield return record;
            }
    }

    // Only what is concerned is put in order: most calls find nothing among very many topics.
    private static IEnumerable<TopicImage> InOrder(MetadataImage image, Func<PartitionImage, bool> concerns) =>
        image.TopicsByName.Values.Where(topic => topic.Partitions.Any(concerns)).OrderBy(static topic => topic.Name, StringComparer.Ordinal);
}
