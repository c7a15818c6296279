using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides AlterPartition: a leader's wish to change its in-sync replicas (KIP-497, KIP-704, KIP-841, KIP-903).</summary>
internal static class AlterPartitionCommand
{
    public static Decision<AlterPartitionResponse> Decide(ControllerContext context, AlterPartitionRequest request)
    {
        if (!context.Image.Brokers.TryGetValue(request.BrokerId, out BrokerImage? leader) || leader.Epoch != request.BrokerEpoch)
            return Decision<AlterPartitionResponse>.Answer(new AlterPartitionResponse { ErrorCode = ErrorCode.StaleBrokerEpoch });
        var records = new List<IMessage>();
        AlterPartitionResponse.TopicData[] topics =
        [
            .. request.Topics.Select(topic => new AlterPartitionResponse.TopicData
            {
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => DecideOne(context, request.BrokerId, context.Image.Topic(topic.TopicId), partition, records))],
            }),
        ];
        return new Decision<AlterPartitionResponse>(records, new AlterPartitionResponse { Topics = topics }) { IsAtomic = false };
    }

    private static AlterPartitionResponse.PartitionData DecideOne(
        ControllerContext context, int brokerId, TopicImage? topic, AlterPartitionRequest.PartitionData wish, List<IMessage> records)
    {
        if (topic is null) return Refuse(wish, ErrorCode.UnknownTopicId);
        if (topic.Partition(wish.PartitionIndex) is not { } partition) return Refuse(wish, ErrorCode.UnknownTopicOrPartition);
        (int Id, long Epoch)[] members = wish.NewIsrWithEpochs.Length > 0
            ? [.. wish.NewIsrWithEpochs.Select(static one => (one.BrokerId, one.BrokerEpoch))]
            : [.. wish.NewIsr.Select(static id => (id, -1L))];
        if (Check(context.Image, brokerId, partition, wish, members) is { } code) return Refuse(wish, code);
        int[] isr = [.. members.Select(static member => member.Id)];
        int[] staying = [.. partition.Replicas.Where(id => !partition.RemovingReplicas.Contains(id))];
        bool isReassigned = partition.IsReassigning && staying.Length > 0 && staying.All(isr.Contains);
        int[] replicas = isReassigned ? staying : partition.Replicas;
        PartitionChangeRecord? record = new PartitionTransition(
            context.Image, topic.Id, wish.PartitionIndex, partition, context.MinInSyncReplicas(topic.Name, replicas.Length))
        {
            TargetIsr = isReassigned ? [.. isr.Where(replicas.Contains)] : isr,
            TargetReplicas = replicas,
            TargetRemoving = isReassigned ? [] : partition.RemovingReplicas,
            TargetAdding = isReassigned ? [] : partition.AddingReplicas,
            TargetRecoveryState = wish.LeaderRecoveryState,
            Election = context.AllowsUncleanElection(topic.Name) ? ElectionKind.Unclean : ElectionKind.Online,
        }.Build();
        PartitionImage after = partition;
        if (record is not null)
        {
            records.Add(record);
            after = PartitionChanges.Apply(partition, record);

            // The end of a reassignment may take the leader away: done, but not by this leader any more.
            if (after.Leader != brokerId) return Refuse(wish, ErrorCode.NewLeaderElected);
        }

        return new AlterPartitionResponse.PartitionData
        {
            PartitionIndex = wish.PartitionIndex,
            LeaderId = after.Leader,
            LeaderEpoch = after.LeaderEpoch,
            Isr = after.Isr,
            LeaderRecoveryState = after.LeaderRecoveryState,
            PartitionEpoch = after.PartitionEpoch,
        };
    }

    private static ErrorCode? Check(
        MetadataImage image, int brokerId, PartitionImage partition, AlterPartitionRequest.PartitionData wish, (int Id, long Epoch)[] members)
    {
        if (wish.LeaderEpoch > partition.LeaderEpoch || wish.PartitionEpoch > partition.PartitionEpoch) return ErrorCode.NotController;
        if (wish.LeaderEpoch < partition.LeaderEpoch) return ErrorCode.FencedLeaderEpoch;
        if (brokerId != partition.Leader) return ErrorCode.InvalidRequest;
        if (wish.PartitionEpoch < partition.PartitionEpoch) return ErrorCode.InvalidUpdateVersion;
        if (members.Select(static member => member.Id).Distinct().Count() != members.Length ||
            members.Any(member => !partition.Replicas.Contains(member.Id)) || members.All(member => member.Id != brokerId))
            return ErrorCode.InvalidRequest;
        if (wish.LeaderRecoveryState == 1 && (members.Length > 1 || partition.LeaderRecoveryState == 0)) return ErrorCode.InvalidRequest;
        foreach ((int id, long epoch) in members)
        {
            if (!image.IsActive(id) || (epoch != -1 && image.Brokers[id].Epoch != epoch)) return ErrorCode.IneligibleReplica;
        }

        return null;
    }

    private static AlterPartitionResponse.PartitionData Refuse(AlterPartitionRequest.PartitionData wish, ErrorCode code) =>
        new() { PartitionIndex = wish.PartitionIndex, ErrorCode = code };
}
