using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides AlterPartitionReassignments (KIP-455, KIP-860).</summary>
internal static class ReassignmentCommand
{
    public static Decision<AlterPartitionReassignmentsResponse> Decide(ControllerContext context, AlterPartitionReassignmentsRequest request)
    {
        var records = new List<IMessage>();
        AlterPartitionReassignmentsResponse.ReassignableTopicResponse[] topics =
        [
            .. request.Topics.Select(topic => new AlterPartitionReassignmentsResponse.ReassignableTopicResponse
            {
                Name = topic.Name,
                Partitions =
                [
                    .. topic.Partitions.Select(partition =>
                    {
                        CommandError? error = DecideOne(context, topic.Name, partition, request.AllowReplicationFactorChange, records);
                        return new AlterPartitionReassignmentsResponse.ReassignablePartitionResponse
                        {
                            PartitionIndex = partition.PartitionIndex,
                            ErrorCode = error?.Code ?? ErrorCode.None,
                            ErrorMessage = error?.Message,
                        };
                    }),
                ],
            }),
        ];
        return new Decision<AlterPartitionReassignmentsResponse>(records, new AlterPartitionReassignmentsResponse
        {
            AllowReplicationFactorChange = request.AllowReplicationFactorChange,
            ErrorMessage = null,
            Responses = topics,
        });
    }

    private static CommandError? DecideOne(
        ControllerContext context,
        string topicName,
        AlterPartitionReassignmentsRequest.ReassignablePartition request,
        bool allowsReplicationFactorChange,
        List<IMessage> records)
    {
        if (context.Image.Topic(topicName) is not { } topic)
            return new CommandError(ErrorCode.UnknownTopicOrPartition, $"Unable to find a topic named {topicName}.");
        if (topic.Partition(request.PartitionIndex) is not { } partition)
            return new CommandError(ErrorCode.UnknownTopicOrPartition, $"Unable to find partition {topicName}:{request.PartitionIndex}.");
        int[] original = [.. partition.Replicas.Where(id => !partition.AddingReplicas.Contains(id))];
        if (request.Replicas is null && !partition.IsReassigning) return new CommandError(ErrorCode.NoReassignmentInProgress, null);
        int[] target = request.Replicas ?? original;
        if (request.Replicas is not null && ReplicaPlacement.CheckManual(context.Image, target, null) is { } problem) return problem;
        if (!allowsReplicationFactorChange && request.Replicas is not null && target.Length != original.Length)
            return new CommandError(ErrorCode.InvalidReplicationFactor,
                $"The replication factor is changed from {original.Length} to {target.Length}");
        int[] adding = [.. target.Where(id => !original.Contains(id))];
        int[] removing = [.. original.Where(id => !target.Contains(id))];
        bool isDoneAtOnce = adding.All(partition.Isr.Contains) && target.Any(partition.Isr.Contains);
        PartitionChangeRecord? record = new PartitionTransition(
            context.Image, topic.Id, request.PartitionIndex, partition, context.MinInSyncReplicas(topicName, target.Length))
        {
            TargetReplicas = isDoneAtOnce ? target : [.. target, .. removing],
            TargetAdding = isDoneAtOnce ? [] : adding,
            TargetRemoving = isDoneAtOnce ? [] : removing,
            TargetIsr = isDoneAtOnce ? [.. partition.Isr.Where(target.Contains)] : [.. partition.Isr.Where(id => target.Contains(id) || removing.Contains(id))],
        }.Build();
        if (record is not null) records.Add(record);
        return null;
    }
}
