using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Partitions whose replicas are being moved (KIP-455).</summary>
public static class OngoingReassignments
{
    /// <summary>Those among the named partitions, or among all for null; unknown names are left out.</summary>
    public static ListPartitionReassignmentsResponse List(MetadataImage image, ListPartitionReassignmentsRequest request)
    {
        IEnumerable<(TopicImage Topic, IEnumerable<int> Partitions)> targets = request.Topics is { } named
            ? named.Where(one => image.Topic(one.Name) is not null).Select(one => (image.Topic(one.Name)!, (IEnumerable<int>)one.PartitionIndexes))
            : image.TopicsByName.Values.OrderBy(static topic => topic.Name, StringComparer.Ordinal)
                .Select(static topic => (topic, Enumerable.Range(0, topic.Partitions.Length)));
        var topics = new List<ListPartitionReassignmentsResponse.OngoingTopicReassignment>();
        foreach ((TopicImage topic, IEnumerable<int> partitions) in targets)
        {
            ListPartitionReassignmentsResponse.OngoingPartitionReassignment[] ongoing =
            [
                .. partitions.Where(index => topic.Partition(index) is { IsReassigning: true }).Select(index =>
                    new ListPartitionReassignmentsResponse.OngoingPartitionReassignment
                    {
                        PartitionIndex = index,
                        Replicas = topic.Partitions[index].Replicas,
                        AddingReplicas = topic.Partitions[index].AddingReplicas,
                        RemovingReplicas = topic.Partitions[index].RemovingReplicas,
                    }),
            ];
            if (ongoing.Length > 0)
                topics.Add(new ListPartitionReassignmentsResponse.OngoingTopicReassignment { Name = topic.Name, Partitions = ongoing });
        }

        return new ListPartitionReassignmentsResponse { ErrorMessage = null, Topics = [.. topics] };
    }
}
