using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>An offset that was looked for; all -1 when there is none.</summary>
internal readonly record struct FoundOffset(long TimestampMs, long Offset, int LeaderEpoch)
{
    public static FoundOffset None => new(-1, -1, -1);
}

/// <summary>Finds the offset that a timestamp of ListOffsets asks for; negative ones have meanings of their own.</summary>
internal static class OffsetSearch
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long LargestTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;
    private const long EarliestPendingUpload = -6;

    /// <summary>Whether a version of the request knows the timestamp.</summary>
    public static bool IsKnown(long timestamp, short version) => timestamp switch
    {
        >= 0 or Latest or Earliest => true,
        LargestTimestamp => version >= 7,
        EarliestLocal => version >= 8,
        LatestTiered => version >= 9,
        EarliestPendingUpload => version >= 11,
        _ => false,
    };

    /// <summary>Whether the answer needs to know what is committed.</summary>
    public static bool DependsOnEnd(long timestamp) => timestamp >= 0 || timestamp == Latest;

    public static FoundOffset Find(PartitionLog log, in PartitionView view, long timestamp)
    {
        switch (timestamp)
        {
            case Latest:
                return new(-1, view.EndOffset, view.LeaderEpoch);
            case Earliest or EarliestLocal:
                return new(-1, view.LogStartOffset, log.EpochOf(view.LogStartOffset));
            case LatestTiered or EarliestPendingUpload:
                return FoundOffset.None;
        }

        TimestampedOffset? found = timestamp == LargestTimestamp ? log.MaxTimestamp() : log.FindByTimestamp(timestamp);
        return found is { } record && record.Offset < view.EndOffset
            ? new(record.TimestampMs, record.Offset, record.LeaderEpoch)
            : FoundOffset.None;
    }
}
