using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// DescribeLogDirs (key 35), v1-v5: the log directories of this broker with the sizes of their partitions (KIP-113). v3 an error for the
/// whole, v4 size and room of the volume (KIP-827), v5 cordoned directories (KIP-1066). A replica that moves is there twice, its copy
/// with isFutureKey and how many offsets it lacks. Null topics mean all; unknown ones are left out.
/// </summary>
public sealed class DescribeLogDirsHandler(LogStore logs, IReadOnlyList<string> dataDirectories, Func<IReadOnlyList<string>> cordonedDirectories)
    : IRequestHandler<DescribeLogDirsRequest, DescribeLogDirsResponse>
{
    private const long UnknownBytes = -1;
    private const string EveryDirectory = "*";

    public static ApiVersionRange Versions => new(1, 5);

    public ValueTask<DescribeLogDirsResponse> HandleAsync(RequestContext context, DescribeLogDirsRequest request, CancellationToken token)
    {
        HashSet<(string Topic, int Partition)>? wanted = request.Topics is { } topics
            ? [.. topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.Topic, partition)))]
            : null;
        ILookup<string, PartitionLog> byDirectory = logs.Logs.Concat(logs.Futures.All)
            .Where(log => wanted is null || wanted.Contains((log.TopicPartition.Topic, log.TopicPartition.Partition)))
            .ToLookup(log => log.LogDirectory, StringComparer.Ordinal);
        IReadOnlyList<string> cordoned = cordonedDirectories();
        return new(new DescribeLogDirsResponse
        {
            Results = [.. logs.Directories.Where(directory => dataDirectories.Contains(directory.Path)).Select(directory => Describe(directory, byDirectory[directory.Path], cordoned))],
        });
    }

    private DescribeLogDirsResponse.DescribeLogDirsResult Describe(
        LogDirectory directory, IEnumerable<PartitionLog> hosted, IReadOnlyList<string> cordoned)
    {
        DescribeLogDirsResponse.DescribeLogDirsResult result = new()
        {
            LogDir = directory.Path,
            TotalBytes = UnknownBytes,
            UsableBytes = UnknownBytes,
            IsCordoned = cordoned.Contains(EveryDirectory) || cordoned.Contains(directory.Path),
        };
        if (directory.IsOffline)
        {
            result.ErrorCode = ErrorCode.KafkaStorageError;
            return result;
        }

        result.Topics =
        [
            .. hosted.GroupBy(log => log.TopicPartition.Topic, StringComparer.Ordinal).Select(topic => new DescribeLogDirsResponse.DescribeLogDirsTopic
            {
                Name = topic.Key,
                Partitions =
                [
                    .. topic.Select(Describe),
                ],
            }),
        ];
        DriveInfo volume = new(directory.Path);
        result.TotalBytes = volume.TotalSize;
        result.UsableBytes = volume.AvailableFreeSpace;
        return result;
    }

    private DescribeLogDirsResponse.DescribeLogDirsPartition Describe(PartitionLog log)
    {
        PartitionLog? current = logs.Find(log.TopicPartition);
        bool isFuture = current is not null && current != log;
        return new DescribeLogDirsResponse.DescribeLogDirsPartition
        {
            PartitionIndex = log.TopicPartition.Partition,
            PartitionSize = log.SizeBytes,
            OffsetLag = isFuture ? Math.Max(0, current!.LogEndOffset - log.LogEndOffset) : Math.Max(0, log.HighWatermark - log.LogEndOffset),
            IsFutureKey = isFuture,
        };
    }
}
