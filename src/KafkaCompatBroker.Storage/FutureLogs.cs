using System.Collections.Concurrent;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Segments;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// Copies of logs that are on their way to another log directory (KIP-113), in directories that end in -future. Whoever moves a log fills its copy with
/// <see cref="PartitionLog.AppendFromLeader"/> and promotes it when it has everything. A restart finds copies again and goes on.
/// </summary>
public sealed class FutureLogs
{
    private readonly ConcurrentDictionary<TopicPartition, PartitionLog> _copies = new();
    private readonly ConcurrentDictionary<TopicPartition, PartitionLog> _current;
    private readonly Action<PartitionLog> _deleteLater;
    private readonly ILogger _logger;

    internal FutureLogs(ConcurrentDictionary<TopicPartition, PartitionLog> current, Action<PartitionLog> deleteLater, ILogger logger)
    {
        _current = current;
        _deleteLater = deleteLater;
        _logger = logger;
    }

    public ICollection<PartitionLog> All => _copies.Values;

    public PartitionLog? Find(TopicPartition topicPartition) => _copies.GetValueOrDefault(topicPartition);

    /// <summary>Begins a copy of a log in another directory; a copy elsewhere is dropped.</summary>
    /// <exception cref="StorageException">The directory failed.</exception>
    /// <exception cref="DiskFullException">There is no room for another log.</exception>
    public PartitionLog Begin(PartitionLog source, LogDirectory directory, long nowMs)
    {
        Drop(source.TopicPartition);
        string name = SegmentName.MarkedDirectory(source.TopicPartition.Topic, source.TopicPartition.Partition, Guid.NewGuid(), SegmentName.FutureDirectorySuffix);
        string path = Path.Combine(directory.Path, name);
        PartitionLog copy = Open(source, directory, path, default, nowMs, isNew: true);
        if (source.LogStartOffset > 0)
        {
            copy.TruncateFullyAndStartAt(source.LogStartOffset, nowMs);
        }

        _copies[source.TopicPartition] = copy;
        return copy;
    }

    /// <summary>Gives a move up; the copy is deleted.</summary>
    public void Drop(TopicPartition topicPartition)
    {
        if (_copies.TryRemove(topicPartition, out PartitionLog? copy))
        {
            _deleteLater(copy);
        }
    }

    /// <summary>
    /// Puts the copy in the place of the log, whose directory is deleted later. The caller sees to it that both end at the same offset and that nobody
    /// appends. A crash leaves one of the two, or both with the same records.
    /// </summary>
    /// <exception cref="StorageException">The directory of the copy failed; the log stays where it is.</exception>
    public PartitionLog Promote(PartitionLog source, LogDirectory directory, long nowMs)
    {
        PartitionLog copy = _copies[source.TopicPartition];
        copy.Close(clean: true);
        string path = Path.Combine(directory.Path, source.TopicPartition.ToString());
        directory.Store.Rename(copy.DirectoryPath, path);
        directory.Store.SyncDirectory(directory.Path);
        var checkpoint = new LogCheckpoint(CleanShutdown: true, source.LogEndOffset, source.LogStartOffset, source.HighWatermark);
        PartitionLog promoted = Open(source, directory, path, checkpoint, nowMs, isNew: false);
        _current[source.TopicPartition] = promoted;
        _copies.TryRemove(source.TopicPartition, out _);
        _deleteLater(source);
        return promoted;
    }

    /// <summary>Takes up a copy that the last run left behind; one of a log that is not here (its directory may be offline) is left alone.</summary>
    internal void Resume(LogDirectory directory, string path, TopicPartition topicPartition, long nowMs)
    {
        if (!_current.TryGetValue(topicPartition, out PartitionLog? source))
        {
            StorageLog.StrayDirectory(_logger, path);
            return;
        }

        PartitionLog copy = Open(source, directory, path, default, nowMs, isNew: false);
        bool isGood = PartitionMetadata.Read(directory.Store, path) == source.TopicId
            && source.LogDirectory != directory.Path
            && copy.LogEndOffset <= source.LogEndOffset
            && _copies.TryAdd(topicPartition, copy);
        if (!isGood)
        {
            _deleteLater(copy);
        }
    }

    internal void Close(bool clean)
    {
        foreach (PartitionLog copy in _copies.Values)
        {
            if (clean && !copy.IsOffline)
            {
                copy.Close(clean);
            }

            copy.Dispose();
        }
    }

    private static PartitionLog Open(PartitionLog source, LogDirectory directory, string path, in LogCheckpoint checkpoint, long nowMs, bool isNew)
    {
        if (directory.Failure is { } failure)
        {
            throw failure;
        }

        try
        {
            if (isNew)
            {
                directory.Store.CreateDirectory(path);
                PartitionMetadata.Write(directory.Store, path, source.TopicId, durable: false);
            }

            LoadedLog loaded = LogRecovery.Load(directory.Environment, path, source.TopicPartition.Partition, source.Config, checkpoint, nowMs);
            return new PartitionLog(directory.Environment, source.TopicPartition, source.TopicId, path, source.Config, loaded);
        }
        catch (StorageException cause)
        {
            throw directory.Environment.Fence("open copy", cause);
        }
    }
}
