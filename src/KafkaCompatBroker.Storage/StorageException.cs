namespace KafkaCompatBroker.Storage;

/// <summary>
/// A log directory failed an operation (KAFKA_STORAGE_ERROR). The directory is fenced: nothing on it is acknowledged again until a restart, reads go on.
/// </summary>
public sealed class StorageException(string directory, string operation, Exception cause)
    : IOException($"Log directory {directory}: {operation} failed: {cause.Message}", cause)
{
    /// <summary>The log directory (an entry of log.dirs) that is fenced.</summary>
    public string Directory { get; } = directory;
}
