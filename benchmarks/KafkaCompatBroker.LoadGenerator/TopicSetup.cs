using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Creates and deletes the topic of a run.</summary>
internal static class TopicSetup
{
    private const short CreateVersion = 5;
    private const short DeleteVersion = 3;
    private const short MetadataVersion = 5;
    private const short ListOffsetsVersion = 5;

    public static LoadResult Create(LoadOptions options)
    {
        using var client = new WireClient(options.Bootstrap);
        bool isPlaced = options.Replicas.Length > 0;
        var topic = new CreateTopicsRequest.CreatableTopic
        {
            Name = options.Topic,
            NumPartitions = isPlaced ? -1 : options.Partitions,
            ReplicationFactor = (short)(isPlaced ? -1 : 1),
            Assignments = [.. Enumerable.Range(0, isPlaced ? options.Partitions : 0).Select(index => Placed(index, options.Replicas))],
            Configs = [.. options.Configs.Select(Config)],
        };
        CreateTopicsResponse answer = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(
            new CreateTopicsRequest { Topics = [topic], TimeoutMs = 30_000 }, CreateVersion);
        ErrorCode error = answer.Topics[0].ErrorCode;
        if (error is not (ErrorCode.None or ErrorCode.TopicAlreadyExists)) throw new IOException($"the topic was not created: {error}");
        while (!HasLeaders(client, options) || !ServesAll(client, options)) Thread.Sleep(10);
        return new LoadResult();
    }

    public static LoadResult Delete(LoadOptions options)
    {
        using var client = new WireClient(options.Bootstrap);
        client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(new DeleteTopicsRequest { TopicNames = [options.Topic], TimeoutMs = 30_000 }, DeleteVersion);
        return new LoadResult();
    }

    private static CreateTopicsRequest.CreatableReplicaAssignment Placed(int partition, int[] replicas) => new() { PartitionIndex = partition, BrokerIds = replicas };

    public static CreateTopicsRequest.CreatableTopicConfig Config(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return new CreateTopicsRequest.CreatableTopicConfig { Name = text[..equals], Value = text[(equals + 1)..] };
    }

    /// <summary>Metadata may name a leader a moment before it serves.</summary>
    private static bool ServesAll(WireClient client, LoadOptions options)
    {
        ListOffsetsResponse answer = client.Ask<ListOffsetsRequest, ListOffsetsResponse>(
            new ListOffsetsRequest
            {
                ReplicaId = -1,
                Topics =
                [
                    new()
                    {
                        Name = options.Topic,
                        Partitions = [.. Enumerable.Range(0, options.Partitions).Select(index => new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = index, Timestamp = -1 })],
                    },
                ],
            },
            ListOffsetsVersion);
        return answer.Topics[0].Partitions.All(partition => partition.ErrorCode == ErrorCode.None);
    }

    private static bool HasLeaders(WireClient client, LoadOptions options)
    {
        string topic = options.Topic;
        MetadataResponse metadata = client.Ask<MetadataRequest, MetadataResponse>(
            new MetadataRequest { Topics = [new() { Name = topic }], AllowAutoTopicCreation = false }, MetadataVersion);
        return metadata.Topics[0].ErrorCode == ErrorCode.None
            && metadata.Topics[0].Partitions.All(partition => partition.ErrorCode == ErrorCode.None && partition.LeaderId >= 0 && partition.IsrNodes.Length == partition.ReplicaNodes.Length);
    }
}
