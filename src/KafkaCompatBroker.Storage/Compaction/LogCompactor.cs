using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>
/// Compacts one log: reads the dirty part for the latest offset of each key, then writes neighbouring segments anew without what is superseded.
/// Appends and reads go on meanwhile; only the exchange of the segments takes the log's lock. A crash at any moment leaves either the old
/// segments or the new one. One round at a time.
/// </summary>
internal sealed class LogCompactor(LogState log, LogReader reader, DelayedDeletions deletions)
{
    /// <summary>Whether a thread is at work on the log. Belongs to who shares logs out.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether something in the log cannot be read, so that it is left as it is.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>What may be compacted now.</summary>
    public CompactionRange RangeAt(long nowMs)
    {
        Segment[] segments = log.Segments.All.ToArray();
        CompactionFacts[] facts = FactsOf(segments, withIndexes: false);
        LogConfig config = log.Config;
        long firstDirty = CompactionPlan.FirstDirty(log.CleanedUpTo, log.LogStartOffset, log.LogEndOffset);
        long lastStable = log.LastStableOffset;
        long firstUncleanable = CompactionPlan.FirstUncleanable(facts, firstDirty, lastStable, config, at => segments[at].RetentionTimestampMs(), nowMs);
        bool isOverdue = CompactionPlan.IsOverdue(facts, firstDirty, config, at => segments[at].FirstTimestampMs, nowMs);
        (long clean, long dirty) = CompactionPlan.Sizes(facts, firstDirty, firstUncleanable);
        return new CompactionRange(firstDirty, firstUncleanable, clean, dirty, isOverdue);
    }

    /// <summary>Runs one round. False when the log was changed under it (trimmed, truncated, deleted): what was done so far stays done.</summary>
    /// <exception cref="DamagedSegmentException">A segment cannot be read to its end.</exception>
    /// <exception cref="RecordFormatException">A batch cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The broker stops.</exception>
    public bool Run(in CompactionRange range, KeyOffsets keys, CleanerPace pace, long nowMs)
    {
        int truncations = log.Truncations;
        Segment[] segments = log.Segments.All.ToArray();
        ReadDirty(segments, range, keys, pace);
        if (keys.LatestOffset < range.FirstDirty)
        {
            // Nothing but holes, from an earlier round.
            keys.Pass(range.FirstUncleanable - 1);
        }

        long endOffset = keys.LatestOffset + 1;
        var round = new CleaningRound(keys, range.FirstUncleanable, LastBatches(), log.Config.DeleteRetentionMs, nowMs);
        var cleaner = new BatchCleaner(round);
        int at = 0;
        foreach (int count in CompactionPlan.Groups(FactsOf(segments, withIndexes: true), endOffset, log.Config))
        {
            Segment[] group = segments[at..(at + count)];
            Segment cleaned = Write(group, segments[at + count].BaseOffset, cleaner, pace, nowMs);
            if (!TryExchange(group, cleaned, truncations, nowMs))
            {
                return false;
            }

            at += count;
        }

        log.CleanedUpTo = endOffset;
        return true;
    }

    public void Fence(Exception cause) => log.Environment.Fence("compaction", cause);

    private static CompactionFacts[] FactsOf(Segment[] segments, bool withIndexes)
    {
        var facts = new CompactionFacts[segments.Length];
        for (int at = 0; at < facts.Length; at++)
        {
            Segment segment = segments[at];
            long upper = at + 1 < segments.Length ? segments[at + 1].BaseOffset : segment.End.NextOffset;
            SegmentIndexes? indexes = withIndexes ? segment.Indexes : null;
            facts[at] = new CompactionFacts(
                segment.BaseOffset, upper, segment.SizeBytes, (indexes?.Offsets.Count ?? 0) * OffsetIndex.EntryBytes, (indexes?.Time.Count ?? 0) * TimeIndex.EntryBytes);
        }

        return facts;
    }

    // The latest offsets of keys, of records that will stay: not of aborted transactions, which would hide older values.
    private void ReadDirty(Segment[] segments, CompactionRange range, KeyOffsets keys, CleanerPace pace)
    {
        var transactions = new CleanedTransactions();
        bool isFull = false;
        for (int at = 0; at < segments.Length - 1 && segments[at].BaseOffset < range.FirstUncleanable && !isFull; at++)
        {
            if (segments[at + 1].BaseOffset <= range.FirstDirty)
            {
                continue;
            }

            transactions.Expect(reader.AbortedTransactions(segments[at].BaseOffset, segments[at + 1].BaseOffset));
            Scan(segments[at], pace, (in RecordBatchView batch, int _) =>
            {
                bool isUseless = transactions.IsUseless(batch, out AbortedTransaction? _);
                if (isFull || batch.LastOffset < range.FirstDirty || batch.BaseOffset >= range.FirstUncleanable)
                {
                    return;
                }

                isFull = !batch.IsControl && !isUseless && !TryNote(keys, batch, range.FirstDirty);
                if (!isFull)
                {
                    keys.Pass(batch.LastOffset);
                }
            });
        }
    }

    private static bool TryNote(KeyOffsets keys, in RecordBatchView batch, long firstDirty)
    {
        using var records = new RecordReader(batch);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            if (record.HasKey && record.Offset >= firstDirty && !keys.TryPut(record.Key, record.Offset))
            {
                return false;
            }
        }

        return true;
    }

    private Dictionary<long, ProducerRecord> LastBatches()
    {
        lock (log.Lock)
        {
            return log.Producers.States.Producers.ToDictionary(producer => producer.ProducerId, producer => producer.ToRecord());
        }
    }

    private Segment Write(Segment[] group, long upperOffset, BatchCleaner cleaner, CleanerPace pace, long nowMs)
    {
        var cleaned = new Segment(log.Environment.Store, log.Directory, group[0].BaseOffset, log.Config, nowMs, group[0].JitterMs) { LastUsedMs = nowMs };
        try
        {
            cleaned.StartApart(log.Directory);
            for (int at = 0; at < group.Length; at++)
            {
                long end = at + 1 < group.Length ? group[at + 1].BaseOffset : upperOffset;
                cleaner.Expect(reader.AbortedTransactions(group[at].BaseOffset, end));
                Scan(group[at], pace, (in RecordBatchView batch, int _) =>
                {
                    ReadOnlySpan<byte> bytes = cleaner.Clean(batch, out AbortedTransaction? aborted);
                    if (!bytes.IsEmpty)
                    {
                        cleaned.Append(bytes);
                    }

                    if (aborted is { } stays)
                    {
                        cleaned.AppendAborted(stays);
                    }
                });
            }

            cleaned.File.Seal(cleaned.SizeBytes);
            cleaned.WriteIndexes(durable: true);
            cleaned.File.Flush();
            return cleaned;
        }
        catch
        {
            cleaned.DeleteFiles();
            throw;
        }
    }

    // Names tell a restart how far this came: .cleaned files are thrown away; .swap files, complete by then, take the place of what they cover.
    private bool TryExchange(Segment[] group, Segment cleaned, int truncations, long nowMs)
    {
        bool isDone = false;
        log.Flusher.Exclusive(() =>
        {
            // After a truncation the record that supersedes another one may be gone.
            if (log.Truncations != truncations || !StillThere(group))
            {
                cleaned.DeleteFiles();
                return;
            }

            cleaned.Rename(SegmentName.SwapSuffix);
            log.Environment.Store.SyncDirectory(log.Directory);
            lock (log.Lock)
            {
                log.Segments.Exchange(group, cleaned);
                deletions.ScheduleReplaced(group, log.Producers, nowMs + log.Config.FileDeleteDelayMs);
                cleaned.Rename("");
            }

            log.Environment.Store.SyncDirectory(log.Directory);
            isDone = true;
        });
        return isDone;
    }

    private bool StillThere(Segment[] group)
    {
        ReadOnlySpan<Segment> now = log.Segments.All;
        int from = SegmentList.Floor(now, group[0].BaseOffset);
        return !log.IsClosed && from >= 0 && from + group.Length < now.Length && now.Slice(from, group.Length).SequenceEqual(group);
    }

    private static void Scan(Segment segment, CleanerPace pace, BatchVisitor visit)
    {
        int size = segment.SizeBytes;
        if (size == 0)
        {
            return;
        }

        int end = BatchScanner.Scan(segment.File, 0, segment.BaseOffset, segment.BaseOffset + int.MaxValue, (in RecordBatchView batch, int position) =>
        {
            pace.Pass(batch.SizeInBytes);
            visit(batch, position);
        });
        if (end < size)
        {
            throw new DamagedSegmentException(segment.PathOf(SegmentName.LogSuffix), end);
        }
    }
}
