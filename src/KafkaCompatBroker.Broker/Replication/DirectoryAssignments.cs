using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// Tells the controller in which log directory a replica of this broker is wherever the metadata has it otherwise (KIP-858), so that it knows what is lost
/// when a directory fails. Looks at replicas whose metadata changed and at those that moved; nothing is kept over a restart, which looks at all.
/// </summary>
internal sealed class DirectoryAssignments(
    PartitionHost host, LogStore logs, IActiveController controller, Func<long> brokerEpoch, TimeProvider time) : IDisposable
{
    private const int PartitionsMax = 2_000;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly HashSet<TopicIdPartition> _pending = [];
    private readonly CancellationTokenSource _stopping = new();
    private bool _isSending;

    /// <summary>Looks at all replicas of the newest image and at those that change from then on; to be called after the host follows.</summary>
    public void Follow(MetadataPublisher publisher)
    {
        host.Moves.Moved = partition => Tell([new TopicIdPartition(partition.TopicId, partition.Name.Partition)]);
        publisher.Follow(
            image => Tell(Misplaced(image, image.TopicsById.Keys)),
            (_, after, changes) => Tell(Misplaced(after, changes.ChangedTopics)));
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private List<TopicIdPartition> Misplaced(MetadataImage image, IEnumerable<Uuid> topics)
    {
        List<TopicIdPartition> misplaced = [];
        if (!RecordVersions.KeepsDirectories(image.MetadataVersion))
            return misplaced;

        foreach (TopicImage topic in topics.Select(image.Topic).OfType<TopicImage>())
        {
            for (int index = 0; index < topic.Partitions.Length; index++)
            {
                PartitionImage partition = topic.Partitions[index];
                int at = Array.IndexOf(partition.Replicas, host.BrokerId);
                if (at >= 0 && DirectoryOf(new(topic.Id, index)) is { } directory && (at >= partition.Directories.Length || partition.Directories[at] != directory))
                    misplaced.Add(new(topic.Id, index));
            }
        }

        return misplaced;
    }

    private Uuid? DirectoryOf(TopicIdPartition id) =>
        host.Find(id.TopicId, id.Partition, out Partition? replica) == ErrorCode.None && logs.DirectoryOf(replica!.Log).Id is var directory && directory != Uuid.Zero ? directory : null;

    private void Tell(List<TopicIdPartition> partitions)
    {
        lock (_lock)
        {
            _pending.UnionWith(partitions);
            if (_isSending || _pending.Count == 0 || _stopping.IsCancellationRequested)
                return;
            _isSending = true;
        }

        _ = SendAllAsync(_stopping.Token);
    }

    private async Task SendAllAsync(CancellationToken token)
    {
        // Whoever publishes an image must not wait for what it leads to.
        await Task.Yield();
        while (Take() is { Length: > 0 } batch)
        {
            Task<bool> sending = SendAsync(batch, token);
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (token.IsCancellationRequested)
                return;
            if (sending.IsCompletedSuccessfully && sending.Result)
                continue;
            lock (_lock)
                _pending.UnionWith(batch);
            await Task.Delay(RetryPause, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TopicIdPartition[] Take()
    {
        lock (_lock)
        {
            TopicIdPartition[] batch = [.. _pending.Take(PartitionsMax)];
            _pending.ExceptWith(batch);
            _isSending = batch.Length > 0;
            return batch;
        }
    }

    /// <summary>False when it has to be said again. What the controller does not know as a replica of this broker is not: its image will say so.</summary>
    private async Task<bool> SendAsync(TopicIdPartition[] batch, CancellationToken token)
    {
        AssignReplicasToDirsRequest request = new()
        {
            BrokerId = host.BrokerId,
            BrokerEpoch = brokerEpoch(),
            Directories =
            [
                .. batch.GroupBy(DirectoryOf).Where(static group => group.Key is not null).Select(static directory => new AssignReplicasToDirsRequest.DirectoryData
                {
                    Id = directory.Key!.Value,
                    Topics =
                    [
                        .. directory.GroupBy(static one => one.TopicId).Select(static topic => new AssignReplicasToDirsRequest.TopicData
                        {
                            TopicId = topic.Key,
                            Partitions = [.. topic.Select(static one => new AssignReplicasToDirsRequest.PartitionData { PartitionIndex = one.Partition })],
                        }),
                    ],
                }),
            ],
        };
        return request.Directories.Length == 0 || (await controller.AssignReplicasToDirsAsync(request, token).ConfigureAwait(false)).ErrorCode == ErrorCode.None;
    }
}
