using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// Brings a log up from its files. After a clean shutdown it only finds the end. Otherwise every segment that reaches above the recovery point is read
/// in full: the log is cut at the first batch that is torn, damaged or out of order, and indexes, producer state and epochs are made anew from there.
/// </summary>
internal sealed class LogRecovery
{
    private readonly LogEnvironment _environment;
    private readonly string _directory;
    private readonly LogConfig _config;
    private readonly long _nowMs;
    private readonly int _partition;
    private readonly SegmentList _segments = new();
    private readonly ProducerLog _producers;
    private readonly EpochLog _epochs;

    private LogRecovery(LogEnvironment environment, string directory, int partition, LogConfig config, long nowMs)
    {
        _environment = environment;
        _directory = directory;
        _partition = partition;
        _config = config;
        _nowMs = nowMs;
        _producers = new ProducerLog(environment, directory);
        _epochs = new EpochLog(environment, directory);
    }

    public static LoadedLog Load(LogEnvironment environment, string directory, int partition, LogConfig config, in LogCheckpoint checkpoint, long nowMs)
        => new LogRecovery(environment, directory, partition, config, nowMs).Load(checkpoint);

    /// <summary>The log of a directory that was made just now: there is nothing to look for in it.</summary>
    public static LoadedLog Create(LogEnvironment environment, string directory, int partition, LogConfig config, long nowMs)
        => new LogRecovery(environment, directory, partition, config, nowMs).Create();

    /// <summary>Makes producer state at <paramref name="endOffset"/> from the newest snapshot before it and the batches since.</summary>
    public static void RebuildProducers(ProducerLog producers, SegmentList segments, long logStartOffset, long endOffset, LogConfig config, long nowMs)
    {
        long from = producers.Restore(logStartOffset, endOffset, nowMs, config.ProducerExpirationMs);
        ReadOnlySpan<Segment> all = segments.All;
        for (int at = Math.Max(0, SegmentList.Floor(all, from)); at < all.Length && from < endOffset; at++)
        {
            Segment segment = all[at];
            if (segment.End.NextOffset > from && SegmentSearch.TryFindBatch(segment, from, segment.SizeBytes, out int position, out _))
            {
                Replay(producers.States, segment, position, endOffset);
            }
        }

        producers.States.AdvanceTo(endOffset);
    }

    private static void Replay(ProducerStates states, Segment segment, int position, long endOffset)
    {
        if (!segment.TryWindow(position, segment.SizeBytes, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            return;
        }

        using (lease)
        {
            var cursor = new BatchCursor(bytes.Span, position);
            while (cursor.MoveNext() && cursor.Current.BaseOffset < endOffset)
            {
                if (cursor.Current.HasProducerId && states.Apply(ProducerFacts.Of(cursor.Current, cursor.Current.BaseOffset, -1)) is { } completed)
                {
                    states.Complete(completed);
                }
            }
        }
    }

    private LoadedLog Create()
    {
        AddEmpty(0);
        _ = _producers.Restore(0, 0, _nowMs, _config.ProducerExpirationMs);
        return new LoadedLog(_segments, _producers, _epochs, LogStartOffset: 0, LogEndOffset: 0, RecoveryPoint: 0, HighWatermark: 0);
    }

    private LoadedLog Load(in LogCheckpoint checkpoint)
    {
        LogFiles files = LogFiles.Collect(_environment.Store, _directory);
        _producers.Found(files.Snapshots);
        _epochs.Load();
        _segments.Replace([.. files.BaseOffsets.Select(OpenSegment)]);
        long logStartOffset = Math.Max(checkpoint.LogStartOffset, files.BaseOffsets.Length > 0 ? files.BaseOffsets[0] : 0);
        if (files.BaseOffsets.Length == 0)
        {
            AddEmpty(logStartOffset);
        }

        int trusted = checkpoint.CleanShutdown ? LoadClean(files.BaseOffsets) : LoadTrusted(files.BaseOffsets, checkpoint.RecoveryPoint);
        long logEndOffset = trusted == files.BaseOffsets.Length ? _segments.Active.End.NextOffset : Recover(files.BaseOffsets, trusted, logStartOffset);
        if (logEndOffset < logStartOffset)
        {
            StartOver(logStartOffset);
            logEndOffset = logStartOffset;
        }
        else if (trusted == files.BaseOffsets.Length)
        {
            RebuildProducers(_producers, _segments, logStartOffset, logEndOffset, _config, _nowMs);
        }

        _producers.RemoveStray(_segments.All.ToArray().Select(segment => segment.BaseOffset).ToHashSet());
        _epochs.Changed(_epochs.History.TruncateFromEnd(logEndOffset));
        _epochs.Changed(_epochs.History.TruncateFromStart(logStartOffset));
        bool clean = checkpoint.CleanShutdown && trusted == files.BaseOffsets.Length;
        long recoveryPoint = clean ? logEndOffset : Math.Min(checkpoint.RecoveryPoint, logEndOffset);
        return new LoadedLog(_segments, _producers, _epochs, logStartOffset, logEndOffset, recoveryPoint, checkpoint.HighWatermark);
    }

    private Segment OpenSegment(long baseOffset)
        => new(_environment.Store, _directory, baseOffset, _config, _nowMs, RollPolicy.Jitter(_config, _partition, baseOffset)) { LastUsedMs = _nowMs };

    private void AddEmpty(long baseOffset)
    {
        Segment segment = OpenSegment(baseOffset);
        segment.StartEmpty();
        if (baseOffset > 0)
        {
            _ = segment.OpenFile();
        }

        _segments.Add(segment);
    }

    // Number of segments, from the oldest, that need no recovery.
    private int LoadClean(long[] baseOffsets)
    {
        for (int at = 0; at < baseOffsets.Length - 1; at++)
        {
            LoadFull(at, baseOffsets[at + 1]);
        }

        return baseOffsets.Length == 0 || TryLoadLast(_segments.Active) ? baseOffsets.Length : baseOffsets.Length - 1;
    }

    private int LoadTrusted(long[] baseOffsets, long recoveryPoint)
    {
        int trusted = 0;
        while (trusted < baseOffsets.Length - 1 && baseOffsets[trusted + 1] <= recoveryPoint)
        {
            LoadFull(trusted, baseOffsets[trusted + 1]);
            trusted++;
        }

        return trusted;
    }

    private void LoadFull(int at, long nextBaseOffset)
    {
        Segment segment = _segments.All[at];
        segment.StartLoaded(nextBaseOffset, segment.File.FileLength, indexes: null, ReadTransactions(segment, nextBaseOffset));
        segment.File.Rest();
    }

    private TransactionIndex ReadTransactions(Segment segment, long nextOffset)
        => _environment.Store.ReadAll(segment.PathOf(SegmentName.TransactionIndexSuffix)) is { } bytes
            && TransactionIndex.TryParse(segment.BaseOffset, nextOffset, bytes) is { } index ? index : new TransactionIndex();

    // The last segment of a clean log: its index leads near the end, and batch headers must reach the end of the file exactly.
    private bool TryLoadLast(Segment segment)
    {
        int length = segment.File.FileLength;
        segment.StartLoaded(segment.BaseOffset + int.MaxValue, length, indexes: null, new TransactionIndex());
        long nextOffset = segment.BaseOffset;
        int position = 0;
        if (length > 0)
        {
            if (_environment.Store.ReadAll(segment.PathOf(SegmentName.OffsetIndexSuffix)) is not { } bytes
                || OffsetIndex.TryParse(segment.BaseOffset, bytes, length) is not { } offsets)
            {
                return false;
            }

            position = BatchScanner.Scan(
                segment.File, offsets.Last.Position, segment.BaseOffset, segment.BaseOffset + int.MaxValue, (in RecordBatchView batch, int _) => nextOffset = batch.NextOffset);
        }

        if (position != length)
        {
            return false;
        }

        if (length == 0)
        {
            segment.StartEmpty();
        }
        else
        {
            segment.StartLoaded(nextOffset, length, indexes: null, ReadTransactions(segment, nextOffset));
        }

        segment.File.Rest();
        return true;
    }

    private long Recover(long[] baseOffsets, int first, long logStartOffset)
    {
        long start = baseOffsets[first];
        _segments.Replace(_segments.All[..(first + 1)].ToArray());
        RebuildBefore(start, logStartOffset);
        _epochs.Changed(_epochs.History.TruncateFromEnd(start));
        for (int at = first; at < baseOffsets.Length; at++)
        {
            Segment segment = at == first ? _segments.Active : OpenSegment(baseOffsets[at]);
            if (at > first)
            {
                _producers.States.AdvanceTo(segment.BaseOffset);
                _producers.TakeSnapshot();
                _segments.Add(segment);
            }

            int length = segment.File.FileLength;
            int valid = RecoverSegment(segment);
            bool isCut = valid < length && !IsUnwritten(segment.File, valid);
            segment.File.Truncate(valid);
            bool isLast = at + 1 == baseOffsets.Length;
            // A compacted segment may end early; one with room behind its last batch had more, unless it goes on without a gap.
            bool continues = isLast || segment.End.NextOffset == baseOffsets[at + 1] || (valid == length && segment.End.NextOffset <= baseOffsets[at + 1]);
            if (isCut || !continues)
            {
                StorageLog.TailCut(_environment.Logger, _directory, length - valid, segment.End.NextOffset, continues ? 0 : baseOffsets.Length - at - 1);
            }

            if (!continues)
            {
                Drop(baseOffsets[(at + 1)..]);
                break;
            }
        }

        _producers.States.AdvanceTo(_segments.Active.End.NextOffset);
        return _segments.Active.End.NextOffset;
    }

    // Producer state at the start of what is recovered. Snapshots above are made anew on the way.
    private void RebuildBefore(long offset, long logStartOffset)
    {
        Segment[] recovered = _segments.All.ToArray();
        _segments.Replace(recovered[..^1]);
        RebuildProducers(_producers, _segments, Math.Min(logStartOffset, offset), offset, _config, _nowMs);
        _segments.Replace(recovered);
    }

    private int RecoverSegment(Segment segment)
    {
        var builder = new IndexBuilder(segment.BaseOffset, _config.IndexIntervalBytes);
        var transactions = new TransactionIndex();
        long nextOffset = segment.BaseOffset;
        int valid = BatchScanner.Scan(segment.File, 0, segment.BaseOffset, segment.BaseOffset + int.MaxValue, (in RecordBatchView batch, int position) =>
        {
            builder.Note(position, batch.LastOffset, batch.MaxTimestamp);
            nextOffset = batch.NextOffset;
            if (batch.PartitionLeaderEpoch > _epochs.History.LatestEpoch)
            {
                _epochs.Changed(_epochs.History.Assign(batch.PartitionLeaderEpoch, batch.BaseOffset));
            }

            if (batch.HasProducerId)
            {
                Track(transactions, ProducerFacts.Of(batch, batch.BaseOffset, -1));
            }
        });
        segment.StartLoaded(nextOffset, valid, builder.Finish(), transactions);
        segment.IndexesWritten = false;
        return valid;
    }

    private void Track(TransactionIndex transactions, in ProducerBatch batch)
    {
        if (_producers.States.Apply(batch) is not { } completed)
        {
            return;
        }

        if (completed.IsAborted)
        {
            long lastStableOffset = _producers.States.LastStableOffsetAfter(completed);
            transactions.Append(new AbortedTransaction(completed.ProducerId, completed.FirstOffset, completed.LastOffset, lastStableOffset));
        }

        _producers.States.Complete(completed);
    }

    private void Drop(long[] baseOffsets)
    {
        foreach (long baseOffset in baseOffsets)
        {
            using Segment segment = OpenSegment(baseOffset);
            segment.MarkDeleted();
            segment.DeleteFiles();
        }

        _producers.RemoveAt(baseOffsets);
    }

    private void StartOver(long offset)
    {
        foreach (Segment segment in _segments.All)
        {
            segment.MarkDeleted();
            segment.DeleteFiles();
        }

        _segments.Replace([]);
        AddEmpty(offset);
        _producers.RemoveAll(offset);
        _epochs.Changed(_epochs.History.Clear());
    }

    // Allocated but not written: what a killed broker leaves behind, and no damage.
    private static bool IsUnwritten(ISegmentFile file, int position)
    {
        Span<byte> header = stackalloc byte[RecordBatchLayout.Records];
        return !header[..file.ReadInto(position, header)].ContainsAnyExcept((byte)0);
    }
}
