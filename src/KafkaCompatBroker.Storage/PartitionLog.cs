using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// The log of one partition in one directory. Writers come one at a time (its own short lock sees to background work); readers need no lock and are never
/// held up by writers. What was appended survives a crash of the process; what is below <see cref="RecoveryPoint"/> survives a power cut.
/// </summary>
public sealed class PartitionLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LogEnvironment _environment;
    private readonly SegmentList _segments;
    private readonly LogReader _reader;
    private readonly ProducerLog _producers;
    private readonly EpochLog _epochs;
    private readonly LogFlusher _flusher;
    private readonly DelayedDeletions _deletions;
    private readonly Action _prepareAhead;
    private LogConfig _config;
    private ValidationRules _rules;
    private long _logEndOffset;
    private long _logStartOffset;
    private long _highWatermark;
    private long _firstUnstableOffset;
    private int _preparing;
    private bool _closed;

    internal PartitionLog(LogEnvironment environment, TopicPartition topicPartition, Uuid topicId, string directory, LogConfig config, LoadedLog loaded)
    {
        _environment = environment;
        _config = config;
        _rules = config.ToValidationRules();
        TopicPartition = topicPartition;
        TopicId = topicId;
        DirectoryPath = directory;
        _segments = loaded.Segments;
        _producers = loaded.Producers;
        _epochs = loaded.Epochs;
        _reader = new LogReader(_segments);
        _flusher = new LogFlusher(environment, directory, loaded);
        _deletions = new DelayedDeletions(environment);
        _prepareAhead = PrepareAhead;
        _logStartOffset = loaded.LogStartOffset;
        _logEndOffset = loaded.LogEndOffset;
        _highWatermark = Math.Clamp(loaded.HighWatermark, loaded.LogStartOffset, loaded.LogEndOffset);
        _firstUnstableOffset = _producers.States.FirstUnstableOffset;
    }

    public TopicPartition TopicPartition { get; }

    /// <summary>Zero while the directory does not say it.</summary>
    public Uuid TopicId { get; private set; }

    /// <summary>The directory of the partition; changes when it is renamed for deletion.</summary>
    public string DirectoryPath { get; private set; }

    /// <summary>The log directory (an entry of log.dirs) it is in.</summary>
    public string LogDirectory => _environment.Store.Root;

    /// <summary>Properties in force; a new value acts from the next append or clean-up on.</summary>
    public LogConfig Config
    {
        get => Volatile.Read(ref _config);
        set
        {
            Volatile.Write(ref _rules, value.ToValidationRules());
            Volatile.Write(ref _config, value);
        }
    }

    public long LogStartOffset => Volatile.Read(ref _logStartOffset);

    /// <summary>Offset of the next record.</summary>
    public long LogEndOffset => Volatile.Read(ref _logEndOffset);

    /// <summary>The high watermark as last told; after a start that of the checkpoint.</summary>
    public long HighWatermark => Volatile.Read(ref _highWatermark);

    /// <summary>Below it every transaction is decided and replicated.</summary>
    public long LastStableOffset
    {
        get
        {
            long highWatermark = HighWatermark;
            long unstable = Volatile.Read(ref _firstUnstableOffset);
            return unstable >= 0 && unstable < highWatermark ? unstable : highWatermark;
        }
    }

    /// <summary>Everything below is on the device.</summary>
    public long RecoveryPoint => _flusher.RecoveryPoint;

    public long SizeBytes => _segments.SizeBytes;

    public int SegmentCount => _segments.All.Length;

    public long FirstSegmentBaseOffset => _segments.First.BaseOffset;

    /// <summary>Base offset of the segment that is appended to.</summary>
    public long ActiveSegmentBaseOffset => _segments.Active.BaseOffset;

    public int LatestEpoch => _epochs.History.LatestEpoch;

    public IReadOnlyList<EpochStart> Epochs => _epochs.History.Entries;

    /// <summary>Whether the log directory has failed; appends are refused then, reads are not.</summary>
    public bool IsOffline => _environment.Failure is not null;

    /// <summary>
    /// Validates, assigns offsets and appends what a client or coordinator sends to the leader. Durable on return only when flush.messages asks for it.
    /// </summary>
    public AppendOutcome Append(ReadOnlyMemory<byte> records, in AppendContext context)
    {
        LogConfig config = Config;
        if (!RecordAdmission.TryAdmit(records, _rules, config.SegmentBytes, context, out BatchValidation admitted, out AppendOutcome refused))
        {
            return refused with { LogStartOffset = LogStartOffset };
        }

        AppendOutcome outcome;
        lock (_lock)
        {
            outcome = Guarded("append", (Log: this, admitted, context), static x => x.Log.AppendAdmitted(x.admitted, x.context));
        }

        return outcome.Error == ErrorCode.None && !outcome.IsDuplicate ? FlushIfDue(outcome, config) : outcome;
    }

    /// <summary>
    /// Appends batches that have offsets and epochs already: from the leader, or of a log whose offsets are given elsewhere. A partial batch at the end is
    /// left out. CORRUPT_MESSAGE for a bad checksum, OFFSET_OUT_OF_RANGE for offsets that do not go on from the end.
    /// </summary>
    public AppendOutcome AppendFromLeader(ReadOnlyMemory<byte> batches, long nowMs)
    {
        LogConfig config = Config;
        AppendOutcome outcome;
        lock (_lock)
        {
            outcome = Guarded("append", (this, batches, nowMs), static x => x.Item1.AppendAssigned(x.batches, x.nowMs));
        }

        return outcome.Error == ErrorCode.None ? FlushIfDue(outcome, config) : outcome;
    }

    /// <summary>
    /// Bytes from the batch that contains <paramref name="offset"/> on, without copying; whole batches that end before <paramref name="endOffsetExclusive"/>.
    /// </summary>
    public LogSlice Read(long offset, int bytesMax, long endOffsetExclusive, bool atLeastOneBatch)
    {
        long end = LogEndOffset;
        if (offset < LogStartOffset || offset > end)
        {
            return LogSlice.OutOfRange;
        }

        if (offset >= endOffsetExclusive || offset == end)
        {
            return LogSlice.Empty;
        }

        LogSlice slice = _reader.Read(offset, bytesMax, Math.Min(endOffsetExclusive, end), atLeastOneBatch);
        if (offset >= LogStartOffset)
        {
            return slice;
        }

        // Retention passed the reader by, who may have been given a later segment.
        slice.Lease.Dispose();
        return LogSlice.OutOfRange;
    }

    /// <summary>The first record whose timestamp is not below the given one; null when there is none.</summary>
    public TimestampedOffset? FindByTimestamp(long timestampMs) => TimestampSearch.FirstAtOrAfter(_segments, timestampMs, LogStartOffset, LogEndOffset);

    /// <summary>The first record that has the largest timestamp of the log; null when no record has one.</summary>
    public TimestampedOffset? MaxTimestamp() => TimestampSearch.Largest(_segments, LogStartOffset, LogEndOffset);

    /// <summary>Where an epoch ended here (OffsetForLeaderEpoch); epoch and offset are -1 when it is not known.</summary>
    public EpochStart OffsetForEpoch(int epoch) => _epochs.History.EndOf(epoch, LogEndOffset);

    /// <summary>Epoch of the batch at an offset; -1 when unknown.</summary>
    public int EpochOf(long offset) => _epochs.History.EpochOf(offset);

    /// <summary>Aborted transactions that a read of [from, to) overlaps, by first offset.</summary>
    public IReadOnlyList<AbortedTransaction> AbortedTransactions(long from, long to) => _reader.AbortedTransactions(from, to);

    /// <summary>A copy of the state of every known producer.</summary>
    public ProducerRecord[] ActiveProducers()
    {
        lock (_lock)
        {
            return [.. _producers.States.Producers.Select(producer => producer.ToRecord())];
        }
    }

    public bool HasOngoingTransaction(long producerId)
    {
        lock (_lock)
        {
            return _producers.States.HasOngoingTransaction(producerId);
        }
    }

    /// <summary>Tells how far the log is replicated; never above its end, may go back when leadership changes.</summary>
    public void UpdateHighWatermark(long highWatermark)
    {
        lock (_lock)
        {
            Volatile.Write(ref _highWatermark, Math.Clamp(highWatermark, LogStartOffset, LogEndOffset));
            _producers.States.HighWatermarkMovedTo(HighWatermark);
            Volatile.Write(ref _firstUnstableOffset, _producers.States.FirstUnstableOffset);
        }
    }

    /// <summary>Notes that this replica leads from the end of the log on.</summary>
    public void BeginEpoch(int epoch)
    {
        lock (_lock)
        {
            NoteEpoch(epoch, LogEndOffset);
        }
    }

    /// <summary>Names the topic of a log that does not know it yet.</summary>
    public void AssignTopicId(Uuid topicId)
    {
        lock (_lock)
        {
            TopicId = topicId;
            Checkpoints.PartitionMetadata.Write(_environment.Store, DirectoryPath, topicId, durable: false);
        }
    }

    /// <summary>Removes everything from an offset on; a batch that contains it goes as a whole. Nothing when the log ends before.</summary>
    public void TruncateTo(long offset, long nowMs) => Exclusive("truncate", () =>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        _epochs.Changed(_epochs.History.TruncateFromEnd(Math.Min(offset, LogEndOffset)));
        if (offset >= LogEndOffset)
        {
            return;
        }

        if (offset < _segments.First.BaseOffset)
        {
            Restart(offset, nowMs);
            return;
        }

        Segment[] dropped = _segments.RemoveAfter(offset);
        Segment active = _segments.Active;
        long end = active.Truncate(offset, nowMs).NextOffset;
        EndAt(Math.Max(end, Math.Min(offset, LogEndOffset)), nowMs);
        DelayedDeletions.Drop(dropped, _producers);
    });

    /// <summary>Removes everything; the log is empty and begins at the offset.</summary>
    public void TruncateFullyAndStartAt(long offset, long nowMs) => Exclusive("truncate", () => Restart(offset, nowMs));

    /// <summary>
    /// Moves the start of the log forward (DeleteRecords); segments below go at the next clean-up. False when it is above the high watermark.
    /// </summary>
    public bool AdvanceLogStartOffset(long offset)
    {
        lock (_lock)
        {
            if (offset > HighWatermark)
            {
                return false;
            }

            MoveStart(offset);
            return true;
        }
    }

    /// <summary>Makes everything appended so far durable and moves the recovery point.</summary>
    /// <exception cref="StorageException">The log directory has failed and is fenced now.</exception>
    public void Flush() => _flusher.Flush(_lock, LogEndOffset);

    /// <summary>Deletes segments that retention or the log start offset make due; the files follow after file.delete.delay.ms.</summary>
    public int DeleteOldSegments(long nowMs)
    {
        int count = 0;
        Exclusive("delete segments", () => count = DeleteDueSegments(nowMs));
        return count;
    }

    /// <summary>Periodic work: flush.ms, delayed deletions, expired producers, and rest for what was idle for <paramref name="idleMs"/>.</summary>
    public void Tick(long nowMs, long idleMs)
    {
        if (_closed || IsOffline)
        {
            return;
        }

        _flusher.FlushIfDue(_lock, LogEndOffset, Config.FlushMs, nowMs);
        if (_deletions.AnyDue(nowMs))
        {
            _flusher.Exclusive(() => _deletions.Run(nowMs));
        }

        lock (_lock)
        {
            _producers.States.RemoveExpired(nowMs, Config.ProducerExpirationMs);
            ReadOnlySpan<Segment> all = _segments.All;
            for (int at = 0; at < all.Length && !_closed; at++)
            {
                all[at].RestIfIdle(nowMs, idleMs, isActive: at == all.Length - 1);
            }
        }
    }

    /// <summary>
    /// Closes the log. After a clean close everything is durable, the files have their true sizes and the next start needs no recovery.
    /// </summary>
    public void Close(bool clean)
    {
        if (clean && !_closed && !IsOffline)
        {
            lock (_lock)
            {
                _producers.TakeSnapshot();
            }

            _flusher.Close(_lock, LogEndOffset);
        }

        Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (Segment segment in _segments.All)
            {
                segment.Dispose();
            }
        }
    }

    /// <summary>Renames the directory so that it no longer counts as the partition's; the log is closed.</summary>
    internal void RenameDirectory(string path)
    {
        _flusher.Exclusive(() =>
        {
            Dispose();
            _environment.Store.Rename(DirectoryPath, path);
            DirectoryPath = path;
        });
    }

    private AppendOutcome AppendAdmitted(in BatchValidation admitted, in AppendContext context)
    {
        long baseOffset = LogEndOffset;
        long appendTimeMs = Config.TimestampType == TimestampType.LogAppendTime ? context.NowMs : -1;
        _ = RecordBatchView.TryRead(admitted.Bytes.Span, out RecordBatchView view);
        ProducerBatch batch = default;
        if (view.HasProducerId)
        {
            batch = ProducerFacts.Of(view, baseOffset, appendTimeMs);
            ProducerVerdict verdict = _producers.States.Check(batch, context.Origin, out WrittenBatch first);
            if (verdict == ProducerVerdict.Duplicate)
            {
                return new AppendOutcome(ErrorCode.None, null, [], first.BaseOffset, first.LastOffset, first.TimestampMs, LogStartOffset, true);
            }

            if (verdict != ProducerVerdict.Accepted)
            {
                return AppendOutcome.Refused(ProducerFacts.ErrorOf(verdict), logStartOffset: LogStartOffset);
            }
        }

        long lastOffset = baseOffset + admitted.RecordCount - 1;
        Segment segment = RollIfNeeded(admitted.Bytes.Length, admitted.MaxTimestampMs, baseOffset, lastOffset, context.NowMs);
        segment.Append(admitted, baseOffset, context.LeaderEpoch);
        segment.LastUsedMs = context.NowMs;
        NoteEpoch(context.LeaderEpoch, baseOffset);
        if (view.HasProducerId)
        {
            Track(segment, batch);
        }

        Appended(segment, lastOffset, context.NowMs);
        return new AppendOutcome(ErrorCode.None, null, [], baseOffset, lastOffset, appendTimeMs, LogStartOffset, false);
    }

    private AppendOutcome AppendAssigned(ReadOnlyMemory<byte> batches, long nowMs)
    {
        AssignedBatches facts = AssignedBatches.Of(batches.Span, LogEndOffset);
        if (facts.Error != ErrorCode.None || facts.SizeBytes == 0)
        {
            return AppendOutcome.Refused(facts.Error, facts.Message, logStartOffset: LogStartOffset);
        }

        ReadOnlySpan<byte> bytes = batches.Span[..facts.SizeBytes];
        Segment segment = RollIfNeeded(bytes.Length, facts.MaxTimestampMs, facts.FirstOffset, facts.LastOffset, nowMs);
        segment.Append(bytes);
        segment.LastUsedMs = nowMs;
        var cursor = new BatchCursor(bytes, 0);
        while (cursor.MoveNext())
        {
            NoteEpoch(cursor.Current.PartitionLeaderEpoch, cursor.Current.BaseOffset);
            if (cursor.Current.HasProducerId)
            {
                Track(segment, ProducerFacts.Of(cursor.Current, cursor.Current.BaseOffset, appendTimeMs: -1));
            }
        }

        Appended(segment, facts.LastOffset, nowMs);
        return new AppendOutcome(ErrorCode.None, null, [], facts.FirstOffset, facts.LastOffset, -1, LogStartOffset, false);
    }

    private void Appended(Segment segment, long lastOffset, long nowMs)
    {
        _producers.States.AdvanceTo(lastOffset + 1);
        _flusher.Appended(nowMs);
        Volatile.Write(ref _logEndOffset, lastOffset + 1);
        if (segment.File.WantsPreparation(segment.SizeBytes) && Interlocked.Exchange(ref _preparing, 1) == 0)
        {
            _environment.Lane.Post(_prepareAhead);
        }
    }

    private void Track(Segment segment, in ProducerBatch batch)
    {
        if (_producers.States.Apply(batch) is { } completed)
        {
            if (completed.IsAborted)
            {
                long lastStableOffset = _producers.States.LastStableOffsetAfter(completed);
                segment.AppendAborted(new AbortedTransaction(completed.ProducerId, completed.FirstOffset, completed.LastOffset, lastStableOffset));
            }

            _producers.States.Complete(completed);
        }

        Volatile.Write(ref _firstUnstableOffset, _producers.States.FirstUnstableOffset);
    }

    private void NoteEpoch(int epoch, long startOffset)
    {
        if (_epochs.Changed(_epochs.History.Assign(epoch, startOffset)))
        {
            _environment.Lane.Post(WriteEpochs);
        }
    }

    private Segment RollIfNeeded(int bytes, long maxTimestampMs, long firstOffset, long lastOffset, long nowMs)
    {
        Segment active = _segments.Active;
        SegmentIndexes indexes = active.Indexes;
        var facts = new RollFacts(
            active.BaseOffset, active.SizeBytes, active.FirstTimestampMs, active.CreatedMs, indexes.Offsets.Count, indexes.Time.Count, active.JitterMs);
        return RollPolicy.ShouldRoll(facts, Config, bytes, maxTimestampMs, lastOffset, nowMs) ? Roll(Math.Max(firstOffset, LogEndOffset), nowMs) : active;
    }

    private Segment Roll(long baseOffset, long nowMs)
    {
        Segment active = _segments.Active;
        if (active.BaseOffset == baseOffset)
        {
            return active;
        }

        Segment next = NewSegment(baseOffset, nowMs);
        if (active.SizeBytes > 0)
        {
            // At once, not with the flush: who recovers this directory after a kill must see segments without unwritten tails.
            active.File.Seal(active.SizeBytes);
        }

        _producers.States.AdvanceTo(baseOffset);
        _producers.TakeSnapshot();
        _segments.Add(next);
        _environment.Lane.Post(() => _flusher.FlushQuietly(_lock, baseOffset));
        return next;
    }

    private Segment NewSegment(long baseOffset, long nowMs)
    {
        LogConfig config = Config;
        long jitterMs = RollPolicy.Jitter(config, TopicPartition.Partition, baseOffset);
        var segment = new Segment(_environment.Store, DirectoryPath, baseOffset, config, nowMs, jitterMs) { LastUsedMs = nowMs };
        segment.StartEmpty();
        _ = segment.OpenFile();
        return segment;
    }

    private int DeleteDueSegments(long nowMs)
    {
        ReadOnlySpan<Segment> all = _segments.All;
        var facts = new RetentionFacts[all.Length];
        for (int at = 0; at < all.Length; at++)
        {
            long upper = at + 1 < all.Length ? all[at + 1].BaseOffset : LogEndOffset;
            facts[at] = new RetentionFacts(upper, all[at].SizeBytes, all[at].RetentionTimestampMs());
        }

        int due = RetentionPolicy.DueSegments(facts, Config, LogStartOffset, HighWatermark, nowMs);
        if (due == 0)
        {
            return 0;
        }

        if (due == all.Length)
        {
            Roll(LogEndOffset, nowMs);
        }

        Segment[] removed = _segments.RemoveFirst(due);
        MoveStart(_segments.First.BaseOffset);
        _deletions.Schedule(removed, _producers, nowMs + Config.FileDeleteDelayMs);
        StorageLog.SegmentsDeleted(_environment.Logger, due, DirectoryPath, LogStartOffset);
        return due;
    }

    private void MoveStart(long offset)
    {
        if (offset > LogStartOffset)
        {
            Volatile.Write(ref _logStartOffset, offset);
            if (_epochs.Changed(_epochs.History.TruncateFromStart(offset)))
            {
                _environment.Lane.Post(WriteEpochs);
            }
        }
    }

    private void Restart(long offset, long nowMs)
    {
        Segment[] old = _segments.All.ToArray();
        DelayedDeletions.MarkNow(old);
        _segments.Replace([NewSegment(offset, nowMs)]);
        _producers.RemoveAll(offset);
        _epochs.Changed(_epochs.History.Clear());
        Volatile.Write(ref _logStartOffset, offset);
        Volatile.Write(ref _logEndOffset, offset);
        _flusher.TruncatedTo(offset);
        SettleAfterTruncation(offset);
        DelayedDeletions.Drop(old, _producers);
    }

    private void EndAt(long offset, long nowMs)
    {
        Volatile.Write(ref _logEndOffset, offset);
        Volatile.Write(ref _logStartOffset, Math.Min(offset, LogStartOffset));
        _flusher.TruncatedTo(offset);
        LogRecovery.RebuildProducers(_producers, _segments, LogStartOffset, offset, Config, nowMs);
        SettleAfterTruncation(offset);
    }

    private void SettleAfterTruncation(long offset)
    {
        Volatile.Write(ref _highWatermark, Math.Min(HighWatermark, offset));
        Volatile.Write(ref _highWatermark, Math.Max(HighWatermark, LogStartOffset));
        Volatile.Write(ref _firstUnstableOffset, _producers.States.FirstUnstableOffset);
        _environment.Lane.Post(WriteEpochs);
    }

    private void WriteEpochs() => _flusher.Quietly("write epochs", () => _epochs.WriteIfChanged(durable: false));

    private void PrepareAhead()
    {
        _flusher.Quietly("allocate", () => _segments.Active.File.PrepareAhead());
        Volatile.Write(ref _preparing, 0);
    }

    private AppendOutcome FlushIfDue(in AppendOutcome outcome, LogConfig config)
    {
        if (config.FlushMessages == long.MaxValue || outcome.LastOffset + 1 - RecoveryPoint < config.FlushMessages)
        {
            return outcome;
        }

        try
        {
            Flush();
            return outcome;
        }
        catch (IOException)
        {
            return AppendOutcome.Refused(ErrorCode.KafkaStorageError, logStartOffset: LogStartOffset);
        }
    }

    // Appends answer with KAFKA_STORAGE_ERROR instead of throwing; a full disk refuses only this one, anything else fences the directory.
    private AppendOutcome Guarded<TState>(string operation, in TState state, Func<TState, AppendOutcome> append)
    {
        if (_closed || IsOffline)
        {
            return AppendOutcome.Refused(ErrorCode.KafkaStorageError, logStartOffset: LogStartOffset);
        }

        try
        {
            return append(state);
        }
        catch (DiskFullException)
        {
            StorageLog.DiskFull(_environment.Logger, LogDirectory, operation, DirectoryPath);
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            _environment.Fence(operation, cause);
        }

        return AppendOutcome.Refused(ErrorCode.KafkaStorageError, logStartOffset: LogStartOffset);
    }

    private void Exclusive(string operation, Action change) => _flusher.Exclusive(() =>
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            try
            {
                change();
            }
            catch (Exception cause) when (FileErrors.IsFileFailure(cause) && cause is not DiskFullException)
            {
                throw _environment.Fence(operation, cause);
            }
        }
    });
}
