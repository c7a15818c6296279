using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The effective properties of a topic, in the form that logs and partitions take.</summary>
/// <param name="Log">For the log.</param>
/// <param name="MinInSyncReplicas">min.insync.replicas.</param>
/// <param name="ThrottledLeaders">The replicas of this broker that are throttled while they lead.</param>
/// <param name="ThrottledFollowers">Those that are throttled while they follow.</param>
public sealed record TopicSettings(LogConfig Log, int MinInSyncReplicas, ThrottledReplicas ThrottledLeaders, ThrottledReplicas ThrottledFollowers)
{
    private const string KeepProducersCodec = "producer";

    /// <summary>In which roles a throttle applies to this broker's replica of a partition.</summary>
    public ThrottledRoles ThrottledRolesOf(int partition) =>
        (ThrottledLeaders.Contains(partition) ? ThrottledRoles.Leader : ThrottledRoles.None)
        | (ThrottledFollowers.Contains(partition) ? ThrottledRoles.Follower : ThrottledRoles.None);

    /// <param name="values">The effective properties of the topic.</param>
    /// <param name="broker">Those of the broker.</param>
    /// <param name="brokerId">The broker.</param>
    public static TopicSettings Of(ConfigValues values, ConfigValues broker, int brokerId)
    {
        IReadOnlyList<string> policies = values.List("cleanup.policy");
        (CompressionType? codec, int? level) = Compression(values);
        LogConfig log = new()
        {
            SegmentBytes = values.Int("segment.bytes"),
            SegmentMs = values.Long("segment.ms"),
            SegmentJitterMs = values.Long("segment.jitter.ms"),
            IndexBytesMax = values.Int("segment.index.bytes"),
            IndexIntervalBytes = values.Int("index.interval.bytes"),
            RetentionMs = values.Long("retention.ms"),
            RetentionBytes = values.Long("retention.bytes"),
            FileDeleteDelayMs = values.Long("file.delete.delay.ms"),
            FlushMessages = values.Long("flush.messages"),
            FlushMs = values.Long("flush.ms"),
            IsDeleted = policies.Contains("delete"),
            IsCompacted = policies.Contains("compact"),
            MinCleanableDirtyRatio = values.Double("min.cleanable.dirty.ratio"),
            MinCompactionLagMs = values.Long("min.compaction.lag.ms"),
            MaxCompactionLagMs = values.Long("max.compaction.lag.ms"),
            DeleteRetentionMs = values.Long("delete.retention.ms"),
            MessageBytesMax = values.Int("max.message.bytes"),
            ExpandedRecordBytesMax = values.Int("max.decompressed.message.bytes"),
            TimestampType = values.Text("message.timestamp.type") == "LogAppendTime" ? TimestampType.LogAppendTime : TimestampType.CreateTime,
            TimestampBeforeMaxMs = values.Long("message.timestamp.before.max.ms"),
            TimestampAfterMaxMs = values.Long("message.timestamp.after.max.ms"),
            Compression = codec,
            CompressionLevel = level,
            ProducerExpirationMs = broker.Int("producer.id.expiration.ms"),
            ProducerExpirationCheckMs = broker.Int("producer.id.expiration.check.interval.ms"),
            VerifiesTransactions = broker.Boolean("transaction.partition.verification.enable"),
        };
        return new(
            log,
            values.Int("min.insync.replicas"),
            ThrottledReplicas.Of(values.List("leader.replication.throttled.replicas"), brokerId),
            ThrottledReplicas.Of(values.List("follower.replication.throttled.replicas"), brokerId));
    }

    private static (CompressionType? Codec, int? Level) Compression(ConfigValues values)
    {
        string codec = values.Text("compression.type") ?? KeepProducersCodec;
        return codec switch
        {
            "gzip" => (CompressionType.Gzip, values.IntOrNull("compression.gzip.level")),
            "snappy" => (CompressionType.Snappy, null),
            "lz4" => (CompressionType.Lz4, values.IntOrNull("compression.lz4.level")),
            "zstd" => (CompressionType.Zstd, values.IntOrNull("compression.zstd.level")),
            "uncompressed" => (CompressionType.None, null),
            _ => (null, null),
        };
    }
}
