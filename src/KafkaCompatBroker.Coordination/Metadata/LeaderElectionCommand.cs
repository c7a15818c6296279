using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.ElectLeadersResponse;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides ElectLeaders (KIP-460): preferred or unclean, of some partitions or all.</summary>
internal static class LeaderElectionCommand
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    public static Decision<ElectLeadersResponse> Decide(ControllerContext context, ElectLeadersRequest request)
    {
        bool isKnown = request.ElectionType is Preferred or Unclean;
        var records = new List<IMessage>();
        var results = new List<ReplicaElectionResult>();
        foreach ((string topic, IEnumerable<int> partitions) in Targets(context, request))
        {
            var ofTopic = new List<PartitionResultData>();
            foreach (int index in partitions)
            {
                CommandError? error = isKnown
                    ? Elect(context, topic, index, request.ElectionType == Unclean, records)
                    : new CommandError(ErrorCode.InvalidRequest, $"Unknown election type {request.ElectionType}");

                // "All partitions" reports only those where something happened.
                if (request.TopicPartitions is null && error?.Code == ErrorCode.ElectionNotNeeded) continue;
                ofTopic.Add(new PartitionResultData { PartitionId = index, ErrorCode = error?.Code ?? ErrorCode.None, ErrorMessage = error?.Message });
            }

            if (ofTopic.Count > 0) results.Add(new ReplicaElectionResult { Topic = topic, PartitionResult = [.. ofTopic] });
        }

        return new Decision<ElectLeadersResponse>(records, new ElectLeadersResponse
        {
            ErrorCode = isKnown ? ErrorCode.None : ErrorCode.InvalidRequest,
            ReplicaElectionResults = [.. results],
        }) { IsAtomic = false };
    }

    private static IEnumerable<(string Topic, IEnumerable<int> Partitions)> Targets(ControllerContext context, ElectLeadersRequest request) =>
        request.TopicPartitions is { } named
            ? named.Select(static one => (one.Topic, (IEnumerable<int>)one.Partitions))
            : context.Image.TopicsByName.Values.OrderBy(static topic => topic.Name, StringComparer.Ordinal)
                .Select(static topic => (topic.Name, Enumerable.Range(0, topic.Partitions.Length)));

    private static CommandError? Elect(ControllerContext context, string name, int index, bool isUnclean, List<IMessage> records)
    {
        if (context.Image.Topic(name) is not { } topic) return new CommandError(ErrorCode.UnknownTopicOrPartition, $"No such topic as {name}");
        if (topic.Partition(index) is not { } partition) return new CommandError(ErrorCode.UnknownTopicOrPartition, $"No such partition as {name}-{index}");
        bool isNeeded = isUnclean ? partition.Leader == PartitionImage.NoLeader : partition.Leader != partition.Replicas[0];
        if (!isNeeded) return new CommandError(ErrorCode.ElectionNotNeeded, "Leader election not needed for topic partition.");
        PartitionChangeRecord? record = new PartitionTransition(
            context.Image, topic.Id, index, partition, context.MinInSyncReplicas(name, partition.Replicas.Length))
        {
            Election = isUnclean ? ElectionKind.Unclean : ElectionKind.Preferred,
        }.Build();
        bool isDone = record is not null && record.Leader >= 0 && (isUnclean || record.Leader == partition.Replicas[0]);
        if (!isDone)
            return isUnclean
                ? new CommandError(ErrorCode.EligibleLeadersNotAvailable, "Eligible topic partition leaders are not available.")
                : new CommandError(ErrorCode.PreferredLeaderNotAvailable, "The preferred leader was not available.");
        records.Add(record!);
        return null;
    }
}
