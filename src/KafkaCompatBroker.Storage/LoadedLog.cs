using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>What the checkpoints of a log directory say of one log before it is loaded.</summary>
/// <param name="CleanShutdown">The directory was closed in order: nothing needs recovery.</param>
/// <param name="RecoveryPoint">Everything below was durable.</param>
/// <param name="LogStartOffset">Start of the log if it was moved into a segment.</param>
/// <param name="HighWatermark">As last written.</param>
public readonly record struct LogCheckpoint(bool CleanShutdown, long RecoveryPoint, long LogStartOffset, long HighWatermark);

/// <summary>A log as it was found on disk, or made good by recovery.</summary>
internal sealed record LoadedLog(
    SegmentList Segments,
    ProducerLog Producers,
    EpochLog Epochs,
    long LogStartOffset,
    long LogEndOffset,
    long RecoveryPoint,
    long HighWatermark);
