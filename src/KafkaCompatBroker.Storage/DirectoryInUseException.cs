namespace KafkaCompatBroker.Storage;

/// <summary>Another broker, ours or Apache Kafka, holds the lock of a log directory.</summary>
public sealed class DirectoryInUseException(string directory)
    : IOException($"Failed to acquire the lock on {directory}/.lock: another broker is using this directory.");
