using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage;

/// <summary>What the logs of one log directory share.</summary>
public sealed class LogEnvironment(IFileStore store, IStorageLane lane, ILogger? logger = null)
{
    private StorageException? _failure;
    private int _logCount;

    public IFileStore Store { get; } = store;

    public IStorageLane Lane { get; } = lane;

    public ILogger Logger { get; } = logger ?? NullLogger.Instance;

    /// <summary>What fenced the directory; null while it is healthy.</summary>
    public StorageException? Failure => Volatile.Read(ref _failure);

    /// <summary>How many logs of partitions are open; that of the metadata is not counted.</summary>
    public int LogCount => Volatile.Read(ref _logCount);

    internal void LogOpened(TopicPartition topicPartition) => _ = topicPartition == LogStore.MetadataPartition ? 0 : Interlocked.Increment(ref _logCount);

    internal void LogClosed(TopicPartition topicPartition) => _ = topicPartition == LogStore.MetadataPartition ? 0 : Interlocked.Decrement(ref _logCount);

    /// <summary>Called once, with the first failure.</summary>
    public event Action<StorageException>? Failed;

    /// <summary>
    /// Writes the recovery points of the directory before one that was lowered by a truncation can mislead a later start. Nothing for a log that is in no
    /// checkpoint.
    /// </summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    public Action RecoveryPointLowered { get; set; } = static () => { };

    /// <summary>Fences the directory: nothing on it is acknowledged any more.</summary>
    public StorageException Fence(string operation, Exception cause)
    {
        var failure = cause as StorageException ?? new StorageException(Store.Root, operation, cause);
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            StorageLog.DirectoryFailed(Logger, Store.Root, failure.Message);
            Failed?.Invoke(failure);
        }

        return failure;
    }
}
