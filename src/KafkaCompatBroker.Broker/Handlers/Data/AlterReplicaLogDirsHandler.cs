using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// AlterReplicaLogDirs (key 34), v1-v2: moves replicas between the log directories of this broker (KIP-113). A path that is no log
/// directory of this broker is LOG_DIR_NOT_FOUND, an offline one KAFKA_STORAGE_ERROR; a replica that is there already stays, and a
/// move of it elsewhere is given up. The answer comes when a move begins; DescribeLogDirs shows how far it is.
/// </summary>
public sealed class AlterReplicaLogDirsHandler(PartitionHost host, LogStore logs)
    : IRequestHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>
{
    public static ApiVersionRange Versions => new(1, 2);

    public ValueTask<AlterReplicaLogDirsResponse> HandleAsync(
        RequestContext context, AlterReplicaLogDirsRequest request, CancellationToken token)
    {
        var outcomes = request.Dirs
            .SelectMany(directory => directory.Topics.SelectMany(topic => topic.Partitions.Select(index =>
                (topic.Name, Partition: index, Error: Alter(directory.Path, topic.Name, index)))));
        return new(new AlterReplicaLogDirsResponse
        {
            Results =
            [
                .. outcomes.GroupBy(outcome => outcome.Name, StringComparer.Ordinal).Select(topic => new AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult
                {
                    TopicName = topic.Key,
                    Partitions =
                    [
                        .. topic.Select(outcome => new AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult
                        {
                            PartitionIndex = outcome.Partition,
                            ErrorCode = outcome.Error,
                        }),
                    ],
                }),
            ],
        });
    }

    private ErrorCode Alter(string path, string topic, int index)
    {
        LogDirectory? directory = logs.Directories.FirstOrDefault(candidate => candidate.Path == path);
        if (directory is null)
            return ErrorCode.LogDirNotFound;
        if (directory.IsOffline)
            return ErrorCode.KafkaStorageError;

        ErrorCode error = host.Find(topic, index, out Partition? partition);
        if (partition is null)
            return error;
        try
        {
            if (partition.Log.LogDirectory == path)
                host.Moves.Cancel(partition.Name);
            else
                host.Moves.Start(partition, directory);
            return ErrorCode.None;
        }
        catch (IOException)
        {
            return ErrorCode.KafkaStorageError;
        }
    }
}
