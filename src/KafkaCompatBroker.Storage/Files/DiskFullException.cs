namespace KafkaCompatBroker.Storage.Files;

/// <summary>No room for an allocation. Not a failure of the disk: what was asked for is refused, and works again once there is room.</summary>
public sealed class DiskFullException(string path) : IOException($"No space left on device for {path}");
