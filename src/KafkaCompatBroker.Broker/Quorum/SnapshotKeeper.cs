using KafkaCompatBroker.Raft;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Decides when a snapshot is due, has it written beside the driver, and deletes what newer snapshots have made superfluous. All but the
/// writing happens on the driver's thread.
/// </summary>
internal sealed class SnapshotKeeper(MetadataLogOptions options, SnapshotStore snapshots, RaftLogAdapter log, ILogger logger)
{
    private readonly Dictionary<LogPosition, long?> _timestamps = [];
    private Task _writing = Task.CompletedTask;
    private long _lastMs = long.MinValue;

    /// <summary>The snapshot that is being written, if any.</summary>
    public Task Writing => _writing;

    /// <summary>Begins a snapshot when one is due.</summary>
    /// <param name="node">The core, whose high watermark the feed has reached.</param>
    /// <param name="feed">Says how much has been applied.</param>
    /// <param name="machine">Gives the state.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="done">Called on another thread with the outcome; must bring it back to the driver.</param>
    public void WriteIfDue(RaftNode node, CommittedFeed feed, IMetadataStateMachine machine, long nowMs, Action<LogPosition, Exception?> done)
    {
        if (_lastMs == long.MinValue) _lastMs = nowMs;
        if (!_writing.IsCompleted || feed.IsInTransaction || feed.BytesSinceSnapshot == 0) return;
        var isDueByTime = options.SnapshotIntervalMs > 0 && nowMs - _lastMs >= options.SnapshotIntervalMs;
        if (!isDueByTime && feed.BytesSinceSnapshot < options.SnapshotBytes) return;
        var (id, voters) = node.SnapshotIdentity(feed.Applied);
        _lastMs = nowMs;
        feed.SnapshotTaken();
        if (snapshots.Ids.Contains(id)) return;
        var timestampMs = feed.TimestampMs;
        var kraftVersion = node.AreVotersRecorded ? MetadataBatches.DynamicVotersVersion : (short)0;
        var records = machine.SnapshotRecords();
        _writing = Task.Run(() =>
        {
            Exception? failure = null;
            try
            {
                snapshots.Write(id, timestampMs, kraftVersion, voters, records);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
            done(id, failure);
        });
    }

    /// <summary>Takes note of the outcome of a snapshot.</summary>
    public void Written(RaftNode? node, LogPosition id, Exception? failure)
    {
        if (failure is not null)
        {
            // The log still has everything; the next one is tried when it is due.
            BrokerLog.SnapshotFailed(logger, failure, SnapshotName.Of(id));
            return;
        }
        snapshots.Added(id);
        node?.SnapshotTaken(id);
        BrokerLog.SnapshotWritten(logger, SnapshotName.Of(id));
    }

    /// <summary>Deletes the oldest snapshots, and the log below the next one, while they are too old or all is too big. The newest stays.</summary>
    public void Clean(RaftNode node, long nowMs)
    {
        log.Tick();
        while (snapshots.Ids.Take(2).ToArray() is [var oldest, var next] && IsSuperfluous(oldest, nowMs))
        {
            snapshots.Delete(oldest);
            log.DeleteBelow(next.Offset);
            node.LogStartRaised(next);
            BrokerLog.SnapshotDeleted(logger, SnapshotName.Of(oldest), next.Offset);
        }
    }

    private bool IsSuperfluous(LogPosition oldest, long nowMs)
    {
        if (options.RetentionBytes >= 0 && log.SizeBytes + snapshots.Ids.Sum(snapshots.SizeBytes) > options.RetentionBytes) return true;
        if (options.RetentionMs < 0) return false;
        if (!_timestamps.TryGetValue(oldest, out var timestampMs)) _timestamps[oldest] = timestampMs = snapshots.LastContainedTimestampMs(oldest);
        return timestampMs is { } known && nowMs - known > options.RetentionMs;
    }
}
