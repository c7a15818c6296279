using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.CreatePartitionsRequest;
using static KafkaCompatBroker.Protocol.Messages.CreatePartitionsResponse;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides CreatePartitions: more partitions for topics that exist.</summary>
internal static class CreatePartitionsCommand
{
    public static Decision<CreatePartitionsResponse> Decide(ControllerContext context, CreatePartitionsRequest request, MutationQuota? quota)
    {
        var results = new List<CreatePartitionsTopicResult>();
        var records = new List<IMessage>();
        int budget = ReplicaPlacement.PartitionsMax;
        foreach (IGrouping<string, CreatePartitionsTopic> group in request.Topics.GroupBy(static topic => topic.Name, StringComparer.Ordinal))
        {
            CommandError? error = group.Count() > 1
                ? new CommandError(ErrorCode.InvalidRequest, "Duplicate topic name.")
                : DecideOne(context, group.First(), quota, ref budget, records);
            results.Add(new CreatePartitionsTopicResult
            {
                Name = group.Key,
                ErrorCode = error?.Code ?? ErrorCode.None,
                ErrorMessage = error?.Message,
            });
        }

        return new Decision<CreatePartitionsResponse>(
            request.ValidateOnly ? [] : records, new CreatePartitionsResponse { Results = [.. results] });
    }

    private static CommandError? DecideOne(ControllerContext context, CreatePartitionsTopic request, MutationQuota? quota, ref int budget, List<IMessage> records)
    {
        if (context.Image.Topic(request.Name) is not { } topic) return new CommandError(ErrorCode.UnknownTopicOrPartition, null);
        int current = topic.Partitions.Length;
        if (request.Count == current) return new CommandError(ErrorCode.InvalidPartitions, $"Topic already has {current} partition(s).");
        if (request.Count < current)
            return new CommandError(ErrorCode.InvalidPartitions, $"The topic {topic.Name} currently has {current} partition(s); {request.Count} would not be an increase.");
        int additional = request.Count - current;
        if (request.Assignments is { } given && given.Length != additional)
            return new CommandError(ErrorCode.InvalidReplicaAssignment,
                $"Attempted to add {additional} additional partition(s), but only {given.Length} assignment(s) were specified.");
        if (quota?.TryTake(additional) == false) return CommandError.QuotaExceeded;
        if (additional > budget)
            return new CommandError(ErrorCode.PolicyViolation, "Excessively large number of partitions per request.");
        CommandError? error = Place(context, topic, request, additional, out int[][] replicas);
        var added = new List<IMessage>(additional);
        for (int index = 0; error is null && index < additional; index++)
        {
            error = ReplicaPlacement.Build(context.Image, topic.Id, current + index, replicas[index], out PartitionRecord record);
            added.Add(record);
        }

        if (error is not null) return error;
        budget -= additional;
        records.AddRange(added);
        return null;
    }

    private static CommandError? Place(ControllerContext context, TopicImage topic, CreatePartitionsTopic request, int additional, out int[][] replicas)
    {
        int replicationFactor = topic.Partitions[0].Replicas.Length;
        if (request.Assignments is null)
            return ReplicaPlacement.Place(
                context.Image, JavaHash.Of(topic.Name), topic.Partitions.Length, additional, (short)replicationFactor, out replicas);
        replicas = [.. request.Assignments.Select(static assignment => assignment.BrokerIds.ToArray())];
        foreach (int[] list in replicas)
            if (ReplicaPlacement.CheckManual(context.Image, list, replicationFactor) is { } problem) return problem;
        return null;
    }
}
