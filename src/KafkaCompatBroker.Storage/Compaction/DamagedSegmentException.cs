namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>A segment that is not appended to any more has something at a position that is no good batch.</summary>
internal sealed class DamagedSegmentException(string path, int position) : Exception($"{path} is damaged at position {position}");
