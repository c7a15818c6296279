using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.AssignReplicasToDirsRequest;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides AssignReplicasToDirs: a broker tells in which log directories its replicas are (KIP-858).</summary>
internal static class AssignReplicasCommand
{
    public static Decision<AssignReplicasToDirsResponse> Decide(ControllerContext context, AssignReplicasToDirsRequest request)
    {
        if (!context.Image.Brokers.TryGetValue(request.BrokerId, out BrokerImage? broker) || broker.Epoch != request.BrokerEpoch)
            return Decision<AssignReplicasToDirsResponse>.Answer(new AssignReplicasToDirsResponse { ErrorCode = ErrorCode.StaleBrokerEpoch });
        if (!RecordVersions.KeepsDirectories(context.Image.MetadataVersion))
            return Decision<AssignReplicasToDirsResponse>.Answer(new AssignReplicasToDirsResponse { ErrorCode = ErrorCode.UnsupportedVersion });
        var records = new List<IMessage>();
        AssignReplicasToDirsResponse.DirectoryData[] directories =
        [
            .. request.Directories.Select(directory => new AssignReplicasToDirsResponse.DirectoryData
            {
                Id = directory.Id,
                Topics = [.. directory.Topics.Select(topic => AssignTopic(context, broker, directory.Id, topic, records))],
            }),
        ];
        return new Decision<AssignReplicasToDirsResponse>(records, new AssignReplicasToDirsResponse { Directories = directories }) { IsAtomic = false };
    }

    private static AssignReplicasToDirsResponse.TopicData AssignTopic(ControllerContext context, BrokerImage broker, Uuid directory, TopicData request, List<IMessage> records) => new()
    {
        TopicId = request.TopicId,
        Partitions =
        [
            .. request.Partitions.Select(partition => new AssignReplicasToDirsResponse.PartitionData
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = Assign(context, broker, directory, context.Image.Topic(request.TopicId), partition.PartitionIndex, records),
            }),
        ],
    };

    private static ErrorCode Assign(ControllerContext context, BrokerImage broker, Uuid directory, TopicImage? topic, int index, List<IMessage> records)
    {
        if (topic is null) return ErrorCode.UnknownTopicId;
        if (topic.Partition(index) is not { } partition) return ErrorCode.UnknownTopicOrPartition;
        int at = Array.IndexOf(partition.Replicas, broker.Id);
        if (at < 0) return ErrorCode.NotLeaderOrFollower;
        if (partition.Directories[at] != directory)
        {
            Uuid[] directories = [.. partition.Directories];
            directories[at] = directory;

            // A replica that had lost its directory may lead again where it is now.
            PartitionChangeRecord record = new PartitionTransition(
                context.Image, topic.Id, index, partition with { Directories = directories }, context.MinInSyncReplicas(topic.Name, partition.Replicas.Length)).Build()
                ?? new PartitionChangeRecord { PartitionId = index, TopicId = topic.Id };
            record.Directories = directories;
            records.Add(record);
        }

        // It moved into a directory that failed meanwhile.
        if (!broker.LogDirs.Contains(directory) && LeadershipChanges.Leave(context, topic, index, broker.Id) is { } leave) records.Add(leave);
        return ErrorCode.None;
    }
}
