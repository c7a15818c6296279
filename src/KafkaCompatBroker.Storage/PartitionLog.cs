using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Compaction;
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
    private readonly LogState _log;
    private readonly LogReader _reader;
    private readonly LogAppender _appender;
    private readonly LogTrimmer _trimmer;
    private long _producersCheckedMs;

    internal PartitionLog(LogEnvironment environment, TopicPartition topicPartition, Uuid topicId, string directory, LogConfig config, LoadedLog loaded)
    {
        TopicId = topicId;
        _log = new LogState(environment, topicPartition, directory, config, loaded);
        _reader = new LogReader(_log.Segments);
        Producers = new LogProducers(_log);
        _appender = new LogAppender(_log);
        _trimmer = new LogTrimmer(_log, _appender);
        Compactor = new LogCompactor(_log, _reader, _trimmer.Deletions);
    }

    public TopicPartition TopicPartition => _log.TopicPartition;

    /// <summary>Zero while the directory does not say it.</summary>
    public Uuid TopicId { get; private set; }

    /// <summary>The directory of the partition; changes when it is renamed for deletion.</summary>
    public string DirectoryPath => _log.Directory;

    /// <summary>The log directory (an entry of log.dirs) it is in.</summary>
    public string LogDirectory => _log.Environment.Store.Root;

    /// <summary>Properties in force; a new value acts from the next append or clean-up on.</summary>
    public LogConfig Config
    {
        get => _log.Config;
        set => _log.Config = value;
    }

    public long LogStartOffset => _log.LogStartOffset;

    /// <summary>Offset of the next record.</summary>
    public long LogEndOffset => _log.LogEndOffset;

    /// <summary>The high watermark as last told; after a start that of the checkpoint.</summary>
    public long HighWatermark => _log.HighWatermark;

    /// <summary>Below it every transaction is decided and replicated.</summary>
    public long LastStableOffset => _log.LastStableOffset;

    /// <summary>Everything below is on the device.</summary>
    public long RecoveryPoint => _log.Flusher.RecoveryPoint;

    public long SizeBytes => _log.Segments.SizeBytes;

    public int SegmentCount => _log.Segments.All.Length;

    public long FirstSegmentBaseOffset => _log.Segments.First.BaseOffset;

    /// <summary>Base offset of the segment that is appended to.</summary>
    public long ActiveSegmentBaseOffset => _log.Segments.Active.BaseOffset;

    public int LatestEpoch => _log.Epochs.History.LatestEpoch;

    public LogProducers Producers { get; }

    public IReadOnlyList<EpochStart> Epochs => _log.Epochs.History.Entries;

    /// <summary>Everything below went through a round of compaction; 0 before the first.</summary>
    public long CleanedUpTo { get => _log.CleanedUpTo; internal init => _log.CleanedUpTo = value; }

    /// <summary>How often the end of the log was cut since it was opened.</summary>
    public int Truncations => _log.Truncations;

    /// <summary>Whether the log directory has failed; appends are refused then, reads are not.</summary>
    public bool IsOffline => _log.Environment.Failure is not null;

    /// <summary>
    /// Validates, assigns offsets and appends what a client or coordinator sends to the leader. Durable on return only when flush.messages asks for it.
    /// </summary>
    public AppendOutcome Append(ReadOnlyMemory<byte> records, in AppendContext context)
    {
        LogConfig config = Config;
        if (!RecordAdmission.TryAdmit(records, _log.Rules, config.SegmentBytes, context, out BatchValidation admitted, out AppendOutcome refused))
        {
            return refused with { LogStartOffset = LogStartOffset };
        }

        AppendOutcome outcome;
        lock (_log.Lock)
        {
            outcome = Guarded("append", (Log: this, admitted, context), static x => x.Log._appender.Append(x.admitted, x.context));
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
        lock (_log.Lock)
        {
            outcome = Guarded("append", (Log: this, batches, nowMs), static x => x.Log._appender.AppendAssigned(x.batches, x.nowMs));
        }

        return outcome.Error == ErrorCode.None ? FlushIfDue(outcome, config) : outcome;
    }

    /// <summary>
    /// Bytes from the batch that contains <paramref name="offset"/> on, without copying; whole batches that end before <paramref name="endOffsetExclusive"/>.
    /// With <paramref name="mayCut"/> a part of a batch may come last, as Kafka's clients expect of a fetch that reached its limit.
    /// </summary>
    public LogSlice Read(long offset, int bytesMax, long endOffsetExclusive, bool atLeastOneBatch, bool mayCut = false)
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

        LogSlice slice;
        try
        {
            slice = _reader.Read(offset, bytesMax, Math.Min(endOffsetExclusive, end), atLeastOneBatch, mayCut);
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            // Descriptors or mappings may have run out, which passes: no reason to fence the directory.
            StorageLog.ReadFailed(_log.Environment.Logger, DirectoryPath, offset, cause.Message);
            return LogSlice.Failed;
        }

        if (offset >= LogStartOffset)
        {
            return slice;
        }

        // Retention passed the reader by, who may have been given a later segment.
        slice.Lease.Dispose();
        return LogSlice.OutOfRange;
    }

    /// <summary>The first record whose timestamp is not below the given one; null when there is none.</summary>
    /// <exception cref="StorageException">The log cannot be read now; that fences nothing.</exception>
    public TimestampedOffset? FindByTimestamp(long timestampMs) =>
        TimestampSearch.Guarded(_log, () => TimestampSearch.FirstAtOrAfter(_log.Segments, timestampMs, LogStartOffset, LogEndOffset));

    /// <summary>The first record that has the largest timestamp of the log; null when no record has one.</summary>
    /// <exception cref="StorageException">The log cannot be read now; that fences nothing.</exception>
    public TimestampedOffset? MaxTimestamp() => TimestampSearch.Guarded(_log, () => TimestampSearch.Largest(_log.Segments, LogStartOffset, LogEndOffset));

    /// <summary>Where an epoch ended here (OffsetForLeaderEpoch); epoch and offset are -1 when it is not known.</summary>
    public EpochStart OffsetForEpoch(int epoch) => _log.Epochs.History.EndOf(epoch, LogEndOffset);

    /// <summary>Epoch of the batch at an offset; -1 when unknown.</summary>
    public int EpochOf(long offset) => _log.Epochs.History.EpochOf(offset);

    /// <summary>Where the segment that holds an offset ends.</summary>
    public long UpperBoundAt(long offset) => _reader.UpperBoundAt(offset, LogEndOffset);

    /// <summary>Aborted transactions that a read of [from, to) overlaps, by their markers.</summary>
    public IReadOnlyList<AbortedTransaction> AbortedTransactions(long from, long to) => _reader.AbortedTransactions(from, to);

    /// <summary>Tells how far the log is replicated; never above its end, may go back when leadership changes.</summary>
    public void UpdateHighWatermark(long highWatermark)
    {
        lock (_log.Lock)
        {
            _log.HighWatermark = highWatermark;
            _log.Producers.States.HighWatermarkMovedTo(HighWatermark);
            _log.PublishUnstable();
        }
    }

    /// <summary>Notes that this replica leads from the end of the log on.</summary>
    public void BeginEpoch(int epoch)
    {
        lock (_log.Lock)
        {
            _log.NoteEpoch(epoch, LogEndOffset);
        }
    }

    /// <summary>Names the topic of a log that does not know it yet.</summary>
    public void AssignTopicId(Uuid topicId)
    {
        lock (_log.Lock)
        {
            TopicId = topicId;
            Checkpoints.PartitionMetadata.Write(_log.Environment.Store, DirectoryPath, topicId, durable: false);
        }
    }

    /// <summary>Removes everything from an offset on; a batch that contains it goes as a whole. Nothing when the log ends before.</summary>
    public void TruncateTo(long offset, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        Exclusive("truncate", () => _trimmer.TruncateTo(offset, nowMs));
    }

    /// <summary>Removes everything; the log is empty and begins at the offset.</summary>
    public void TruncateFullyAndStartAt(long offset, long nowMs) => Exclusive("truncate", () => _trimmer.Restart(offset, nowMs));

    /// <summary>Moves the start forward (DeleteRecords); segments below go at the next clean-up. False when it is above the high watermark.</summary>
    public bool AdvanceLogStartOffset(long offset)
    {
        lock (_log.Lock)
        {
            if (offset > HighWatermark)
            {
                return false;
            }

            _trimmer.MoveStart(offset);
            return true;
        }
    }

    /// <summary>Makes everything appended so far durable and moves the recovery point.</summary>
    /// <exception cref="StorageException">The log directory has failed and is fenced now.</exception>
    public void Flush() => _log.Flusher.Flush(_log.Lock, LogEndOffset);

    /// <summary>Deletes segments that retention or the log start offset make due; the files follow after file.delete.delay.ms.</summary>
    public int DeleteOldSegments(long nowMs)
    {
        int count = 0;
        Exclusive("delete segments", () => count = _trimmer.DeleteDueSegments(nowMs));
        return count;
    }

    /// <summary>Periodic work: flush.ms, delayed deletions, expired producers, and rest for what was idle for <paramref name="idleMs"/>.</summary>
    public void Tick(long nowMs, long idleMs)
    {
        if (_log.IsClosed || IsOffline)
        {
            return;
        }

        _log.Flusher.FlushIfDue(_log.Lock, LogEndOffset, Config.FlushMs, nowMs);
        if (_trimmer.Deletions.AnyDue(nowMs))
        {
            _log.Flusher.Exclusive(() => _trimmer.Deletions.Run(nowMs));
        }

        lock (_log.Lock)
        {
            if (nowMs - _producersCheckedMs >= Config.ProducerExpirationCheckMs)
            {
                _producersCheckedMs = nowMs;
                _log.Producers.States.RemoveExpired(nowMs, Config.ProducerExpirationMs);
            }

            ReadOnlySpan<Segment> all = _log.Segments.All;
            for (int at = 0; at < all.Length && !_log.IsClosed; at++)
            {
                all[at].RestIfIdle(nowMs, idleMs, isActive: at == all.Length - 1);
            }
        }
    }

    /// <summary>
    /// Closes the log. After a clean close everything is durable, the files have their true sizes and the next start needs no recovery.
    /// </summary>
    public void Close(bool clean) => Close(clean, durable: true);

    /// <summary>As <see cref="Close(bool)"/>; when not <paramref name="durable"/> the caller flushes the file system afterwards.</summary>
    internal void Close(bool clean, bool durable)
    {
        if (clean && !_log.IsClosed && !IsOffline)
        {
            lock (_log.Lock)
            {
                _log.Producers.TakeSnapshot();
            }

            _log.Flusher.Close(_log.Lock, LogEndOffset, durable);
        }

        Dispose();
    }

    internal LogCompactor Compactor { get; }

    /// <summary>Whether it was closed, or deleted.</summary>
    internal bool IsClosed => _log.IsClosed;

    /// <summary>Whether a clean close has anything to write.</summary>
    internal bool IsDirty => _log.Flusher.HasWork(LogEndOffset);

    public void Dispose() => _log.Flusher.Retire(DisposeSegments);

    /// <summary>Renames the directory so that it no longer counts as the partition's; the log is closed.</summary>
    internal void RenameDirectory(string path) => _log.Flusher.Retire(() =>
    {
        DisposeSegments();
        _log.Environment.Store.Rename(DirectoryPath, path);
        _log.Directory = path;
    });

    private void DisposeSegments()
    {
        lock (_log.Lock)
        {
            _log.Close();
            foreach (Segment segment in _log.Segments.All)
            {
                segment.Dispose();
            }
        }
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
        if (_log.IsClosed || IsOffline)
        {
            return AppendOutcome.Refused(ErrorCode.KafkaStorageError, logStartOffset: LogStartOffset);
        }

        try
        {
            return append(state);
        }
        catch (DiskFullException)
        {
            StorageLog.DiskFull(_log.Environment.Logger, LogDirectory, operation, DirectoryPath);
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            _log.Environment.Fence(operation, cause);
        }

        return AppendOutcome.Refused(ErrorCode.KafkaStorageError, logStartOffset: LogStartOffset);
    }

    private void Exclusive(string operation, Action change) => _log.Flusher.Exclusive(() =>
    {
        lock (_log.Lock)
        {
            ObjectDisposedException.ThrowIf(_log.IsClosed, this);
            try
            {
                change();
            }
            catch (Exception cause) when (FileErrors.IsFileFailure(cause) && cause is not DiskFullException)
            {
                throw _log.Environment.Fence(operation, cause);
            }
        }
    });
}
