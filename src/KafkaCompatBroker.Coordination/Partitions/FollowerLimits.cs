namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>How a follower fetches, and in whose name.</summary>
/// <param name="BrokerId">Broker id of the follower.</param>
/// <param name="BytesMin"><c>replica.fetch.min.bytes</c>.</param>
/// <param name="PartitionBytesMax"><c>replica.fetch.max.bytes</c>.</param>
/// <param name="BytesMax"><c>replica.fetch.response.max.bytes</c>.</param>
/// <param name="WaitMsMax"><c>replica.fetch.wait.max.ms</c>.</param>
/// <param name="BackoffMs"><c>replica.fetch.backoff.ms</c>: how long a partition rests after an error, or while all are throttled.</param>
public sealed record FollowerLimits(int BrokerId, int BytesMin, int PartitionBytesMax, int BytesMax, int WaitMsMax, int BackoffMs);
