using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.CreateTopicsRequest;
using static KafkaCompatBroker.Protocol.Messages.CreateTopicsResponse;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides CreateTopics: each topic of a request on its own, all that are good in one atomic write.</summary>
internal static class CreateTopicsCommand
{
    public static Decision<CreateTopicsResponse> Decide(ControllerContext context, CreateTopicsRequest request, MutationQuota? quota)
    {
        var results = new List<CreatableTopicResult>(request.Topics.Length);
        var records = new List<IMessage>();
        Dictionary<string, int> mentions = CountMentions(request.Topics);
        bool isTooLarge = TotalPartitions(context, request.Topics) > ReplicaPlacement.PartitionsMax;
        foreach (CreatableTopic topic in request.Topics)
        {
            if (!mentions.Remove(topic.Name, out int count)) continue;
            if (count > 1) results.Add(Failed(topic, new CommandError(ErrorCode.InvalidRequest, "Duplicate topic name.")));
            else if (isTooLarge)
                results.Add(Failed(topic, new CommandError(ErrorCode.PolicyViolation, "Excessively large number of partitions per request.")));
            else results.Add(DecideOne(context, topic, quota, records));
        }

        return new Decision<CreateTopicsResponse>(request.ValidateOnly ? [] : records, new CreateTopicsResponse { Topics = [.. results] });
    }

    private static Dictionary<string, int> CountMentions(CreatableTopic[] topics)
    {
        var mentions = new Dictionary<string, int>(topics.Length, StringComparer.Ordinal);
        foreach (CreatableTopic topic in topics) mentions[topic.Name] = mentions.GetValueOrDefault(topic.Name) + 1;
        return mentions;
    }

    private static long TotalPartitions(ControllerContext context, CreatableTopic[] topics) => topics.Sum(topic =>
        topic.Assignments.Length > 0 ? topic.Assignments.Length : topic.NumPartitions == -1 ? context.Settings.DefaultPartitions : Math.Max(0L, topic.NumPartitions));

    private static CreatableTopicResult DecideOne(ControllerContext context, CreatableTopic topic, MutationQuota? quota, List<IMessage> records)
    {
        if (CheckName(context, topic.Name) is { } badName) return Failed(topic, badName);
        if (CheckConfigs(context, topic, out Dictionary<string, string> configs) is { } badConfig) return Failed(topic, badConfig);
        Uuid id = context.NewTopicId();
        CommandError? badPlacement = topic.Assignments.Length > 0
            ? PlaceByHand(context, topic, id, out List<PartitionRecord> partitions)
            : PlaceAutomatically(context, topic, id, out partitions);
        if (badPlacement is not null) return Failed(topic, badPlacement);
        if (quota?.TryTake(partitions.Count) == false) return Failed(topic, CommandError.QuotaExceeded);
        records.Add(new TopicRecord { Name = topic.Name, TopicId = id });
        foreach ((string name, string value) in configs)
            records.Add(new ConfigRecord { ResourceType = (sbyte)ConfigResourceType.Topic, ResourceName = topic.Name, Name = name, Value = value });
        records.AddRange(partitions);
        return new CreatableTopicResult
        {
            Name = topic.Name,
            TopicId = id,
            ErrorMessage = null,
            NumPartitions = partitions.Count,
            ReplicationFactor = (short)partitions[0].Replicas.Length,
            Configs = [.. context.Resolver.CreatedTopicConfigs(configs, context.Dynamic).Select(Describe)],
        };
    }

    private static CommandError? CheckName(ControllerContext context, string name)
    {
        if (name == TopicName.ClusterMetadata)
            return new CommandError(ErrorCode.InvalidRequest, $"Creation of internal topic {name} is prohibited.");
        if (TopicName.FindProblem(name) is { } problem) return new CommandError(ErrorCode.InvalidTopicException, problem);
        if (context.Image.Topic(name) is not null) return new CommandError(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.");
        return context.Names.TryFind(name, out string? other)
            ? new CommandError(ErrorCode.InvalidTopicException, $"Topic '{name}' collides with existing topic: {other}")
            : null;
    }

    private static CommandError? CheckConfigs(ControllerContext context, CreatableTopic topic, out Dictionary<string, string> configs)
    {
        configs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (CreatableTopicConfig config in topic.Configs)
        {
            if (config.Value is null) return new CommandError(ErrorCode.InvalidConfig, $"Null value not supported for topic configs: {config.Name}");
            configs[config.Name] = config.Value;
        }

        if (configs.Count == 0) return null;
        return TopicConfigRules.Check(configs, context.Resolver, context.Dynamic) is { } problem
            ? new CommandError(problem.IsInvalidRequest ? ErrorCode.InvalidRequest : ErrorCode.InvalidConfig, problem.Message)
            : null;
    }

    private static CommandError? PlaceByHand(ControllerContext context, CreatableTopic topic, Uuid id, out List<PartitionRecord> partitions)
    {
        partitions = [];
        if (topic.NumPartitions != -1)
            return new CommandError(ErrorCode.InvalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.");
        if (topic.ReplicationFactor != -1)
            return new CommandError(ErrorCode.InvalidRequest, "A manual partition assignment was specified, but replication factor was not set to -1.");
        var placed = new SortedDictionary<int, PartitionRecord>();
        int? replicationFactor = null;
        foreach (CreatableReplicaAssignment assignment in topic.Assignments)
        {
            int index = assignment.PartitionIndex;
            if (placed.ContainsKey(index))
                return new CommandError(ErrorCode.InvalidReplicaAssignment, $"Found multiple manual partition assignments for partition {index}");
            CommandError? problem = ReplicaPlacement.CheckManual(context.Image, assignment.BrokerIds, replicationFactor);
            if (problem is not null) return problem;
            replicationFactor = assignment.BrokerIds.Length;
            problem = ReplicaPlacement.Build(context.Image, id, index, [.. assignment.BrokerIds], out PartitionRecord record);
            if (problem is not null) return problem;
            placed[index] = record;
        }

        partitions.AddRange(placed.Values);
        return placed.Keys.SequenceEqual(Enumerable.Range(0, placed.Count))
            ? null
            : new CommandError(ErrorCode.InvalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence");
    }

    private static CommandError? PlaceAutomatically(ControllerContext context, CreatableTopic topic, Uuid id, out List<PartitionRecord> partitions)
    {
        partitions = [];
        if (topic.ReplicationFactor is 0 or < -1)
            return new CommandError(ErrorCode.InvalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.");
        if (topic.NumPartitions is 0 or < -1)
            return new CommandError(ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.");
        int count = topic.NumPartitions == -1 ? context.Settings.DefaultPartitions : topic.NumPartitions;
        short replicationFactor = topic.ReplicationFactor == -1 ? context.Settings.DefaultReplicationFactor : topic.ReplicationFactor;
        CommandError? problem = ReplicaPlacement.Place(
            context.Image, JavaHash.Of(topic.Name), 0, count, replicationFactor, out int[][] replicas);
        if (problem is not null) return problem;
        for (int index = 0; index < count; index++)
        {
            problem = ReplicaPlacement.Build(context.Image, id, index, replicas[index], out PartitionRecord record);
            if (problem is not null) return problem;
            partitions.Add(record);
        }

        return null;
    }

    private static CreatableTopicResult Failed(CreatableTopic topic, CommandError error) =>
        new() { Name = topic.Name, ErrorCode = error.Code, ErrorMessage = error.Message, Configs = [] };

    private static CreatableTopicConfigs Describe(EffectiveConfig config) => new()
    {
        Name = config.Name,
        Value = config.Value,
        ReadOnly = config.IsReadOnly,
        ConfigSource = (sbyte)config.Source,
        IsSensitive = config.IsSensitive,
    };
}
