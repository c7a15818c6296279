using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>Takes things out of one log: truncation at its end, clean-up at its start. Called under the log's lock, and never during a flush.</summary>
internal sealed class LogTrimmer(LogState log, LogAppender appender)
{
    public DelayedDeletions Deletions { get; } = new(log.Environment);

    /// <summary>Removes everything from an offset on; a batch that contains it goes as a whole.</summary>
    public void TruncateTo(long offset, long nowMs)
    {
        if (offset >= log.LogEndOffset)
        {
            return;
        }

        if (offset < log.Segments.First.BaseOffset)
        {
            Restart(offset, nowMs);
            return;
        }

        Segment[] dropped = log.Segments.RemoveAfter(offset);
        EndAt(log.Segments.Active.Truncate(offset, nowMs).NextOffset, nowMs);
        DelayedDeletions.Drop(dropped, log.Producers);
    }

    /// <summary>Removes everything; the log is empty and begins at the offset.</summary>
    public void Restart(long offset, long nowMs)
    {
        Segment[] old = log.Segments.All.ToArray();
        DelayedDeletions.MarkNow(old);
        log.Segments.Replace([appender.NewSegment(offset, nowMs)]);
        log.Producers.RemoveAll(offset);
        log.EpochsChanged(log.Epochs.History.Clear());
        log.LogStartOffset = offset;
        log.LogEndOffset = offset;
        log.Flusher.TruncatedTo(offset);
        SettleAfterTruncation(offset);
        DelayedDeletions.Drop(old, log.Producers);
    }

    /// <summary>Deletes the segments that are due; returns how many.</summary>
    public int DeleteDueSegments(long nowMs)
    {
        ReadOnlySpan<Segment> all = log.Segments.All;
        var facts = new RetentionFacts[all.Length];
        for (int at = 0; at < all.Length; at++)
        {
            long upper = at + 1 < all.Length ? all[at + 1].BaseOffset : log.LogEndOffset;
            facts[at] = new RetentionFacts(upper, all[at].SizeBytes, all[at].RetentionTimestampMs());
        }

        int due = RetentionPolicy.DueSegments(facts, log.Config, log.LogStartOffset, log.HighWatermark, nowMs);
        if (due == 0)
        {
            return 0;
        }

        if (due == all.Length)
        {
            appender.Roll(log.LogEndOffset, nowMs);
        }

        Segment[] removed = log.Segments.RemoveFirst(due);
        MoveStart(log.Segments.First.BaseOffset);
        Deletions.Schedule(removed, log.Producers, nowMs + log.Config.FileDeleteDelayMs);
        StorageLog.SegmentsDeleted(log.Environment.Logger, due, log.Directory, log.LogStartOffset);
        return due;
    }

    public void MoveStart(long offset)
    {
        if (offset > log.LogStartOffset)
        {
            log.LogStartOffset = offset;
            log.EpochsChanged(log.Epochs.History.TruncateFromStart(offset));
        }
    }

    private void EndAt(long offset, long nowMs)
    {
        log.LogEndOffset = offset;
        log.LogStartOffset = Math.Min(offset, log.LogStartOffset);
        log.EpochsChanged(log.Epochs.History.TruncateFromEnd(offset));
        log.Flusher.TruncatedTo(offset);
        LogRecovery.RebuildProducers(log.Producers, log.Segments, log.LogStartOffset, offset, log.Config, nowMs);
        SettleAfterTruncation(offset);
    }

    private void SettleAfterTruncation(long offset)
    {
        log.HighWatermark = Math.Min(log.HighWatermark, offset);
        log.PublishUnstable();
    }
}
