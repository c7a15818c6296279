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
            // A leader that appended nothing noted its epoch all the same, and the leader after it knows nothing of that one.
            log.Epochs.Changed(log.Epochs.History.TruncateFromEnd(log.LogEndOffset));
            log.WriteEpochsSoon();
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
        log.Epochs.Changed(log.Epochs.History.Clear());
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
        LogConfig config = log.Config;
        long total = log.Segments.SizeBytes;
        int due = 0;
        while (due < all.Length && IsDue(all, due, config, total, nowMs))
        {
            total -= all[due].SizeBytes;
            due++;
        }

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

    private bool IsDue(ReadOnlySpan<Segment> all, int at, LogConfig config, long totalBytes, long nowMs)
    {
        bool isActive = at == all.Length - 1;
        long upper = isActive ? log.LogEndOffset : all[at + 1].BaseOffset;
        var facts = new RetentionFacts(upper, all[at].SizeBytes, isActive);
        return RetentionPolicy.MayGo(facts, log.HighWatermark)
            && (RetentionPolicy.IsBelowStart(facts, log.LogStartOffset)
                || RetentionPolicy.IsTooMuch(facts, config, totalBytes)
                || (RetentionPolicy.UsesTime(config) && RetentionPolicy.IsTooOld(config, all[at].RetentionTimestampMs(), nowMs)));
    }

    public void MoveStart(long offset)
    {
        if (offset > log.LogStartOffset)
        {
            log.LogStartOffset = offset;
            log.Epochs.Changed(log.Epochs.History.TruncateFromStart(offset));
            log.WriteEpochsSoon();
        }
    }

    private void EndAt(long offset, long nowMs)
    {
        log.LogEndOffset = offset;
        log.LogStartOffset = Math.Min(offset, log.LogStartOffset);
        log.Epochs.Changed(log.Epochs.History.TruncateFromEnd(offset));
        log.Flusher.TruncatedTo(offset);
        LogRecovery.RebuildProducers(log.Producers, log.Segments, log.LogStartOffset, offset, log.Config, nowMs);
        SettleAfterTruncation(offset);
    }

    private void SettleAfterTruncation(long offset)
    {
        log.CleanedUpTo = Math.Min(log.CleanedUpTo, offset);
        log.Truncations++;
        log.HighWatermark = Math.Min(log.HighWatermark, offset);
        log.PublishUnstable();
        log.WriteEpochsSoon();
    }
}
