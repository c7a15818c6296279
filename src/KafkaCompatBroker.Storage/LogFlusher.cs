using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// Durability of one log. One flush at a time, none of it under the log's lock; the recovery point moves only after data, indexes of full segments,
/// producer snapshots, epochs and names are on the device. Also keeps truncation and deletion apart from a flush that is under way.
/// </summary>
internal sealed class LogFlusher
{
    private readonly Lock _gate = new();
    private readonly LogEnvironment _environment;
    private readonly string _directory;
    private readonly SegmentList _segments;
    private readonly ProducerLog _producers;
    private readonly EpochLog _epochs;
    private long _recoveryPoint;
    private long _syncedBaseOffset = -1;
    private long _oldestUnflushedMs = -1;
    private bool _retired;
    private bool _isCheckpointAhead;

    public LogFlusher(LogEnvironment environment, string directory, LoadedLog loaded)
    {
        _environment = environment;
        _directory = directory;
        _segments = loaded.Segments;
        _producers = loaded.Producers;
        _epochs = loaded.Epochs;
        _recoveryPoint = loaded.RecoveryPoint;
    }

    public long RecoveryPoint => Volatile.Read(ref _recoveryPoint);

    /// <summary>Starts the clock of flush.ms. Called under the log's lock.</summary>
    public void Appended(long nowMs)
    {
        if (_oldestUnflushedMs < 0)
        {
            _oldestUnflushedMs = nowMs;
        }
    }

    /// <summary>Called under the gate and the log's lock.</summary>
    public void TruncatedTo(long endOffset)
    {
        // Segments that begin there again are new files, with names that have to be synced.
        _syncedBaseOffset = Math.Min(_syncedBaseOffset, endOffset - 1);
        if (endOffset < _recoveryPoint)
        {
            Volatile.Write(ref _recoveryPoint, endOffset);
            _isCheckpointAhead = true;
        }
    }

    /// <summary>
    /// Called under the log's lock. The checkpoint on disk may still name a recovery point above a truncation; it must not vouch for the segment that is
    /// full now. Until there is a further segment nothing is trusted unseen, so that a truncation by itself costs no write.
    /// </summary>
    /// <exception cref="DiskFullException">The checkpoint could not be written.</exception>
    public void BeforeRoll()
    {
        if (_isCheckpointAhead)
        {
            _environment.RecoveryPointLowered();
            _isCheckpointAhead = false;
        }
    }

    /// <summary>Runs a change that no flush may overlap.</summary>
    public void Exclusive(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }

    /// <summary>Runs the last change there is: background work that comes up later finds nothing to do.</summary>
    public void Retire(Action change)
    {
        lock (_gate)
        {
            _retired = true;
            change();
        }
    }

    /// <exception cref="StorageException">The directory is fenced now.</exception>
    /// <exception cref="DiskFullException">Side files could not be written; nothing was lost, the recovery point stays.</exception>
    public void Flush(Lock logLock, long offset)
    {
        lock (_gate)
        {
            Run(logLock, offset, closing: false, durable: true);
        }
    }

    /// <summary>
    /// Writes everything and gives the files the sizes and indexes that a start without recovery needs. When not <paramref name="durable"/>, the caller
    /// flushes the whole file system afterwards.
    /// </summary>
    public void Close(Lock logLock, long offset, bool durable)
    {
        lock (_gate)
        {
            Run(logLock, offset, closing: true, durable);
        }
    }

    /// <summary>Whether <see cref="Close"/> has anything to write.</summary>
    public bool HasWork(long offset) => RecoveryPoint < offset || _epochs.IsBehind || !_segments.Active.IndexesWritten;

    public void FlushIfDue(Lock logLock, long offset, long flushMs, long nowMs)
    {
        long oldestMs = Volatile.Read(ref _oldestUnflushedMs);
        if (oldestMs >= 0 && flushMs != long.MaxValue && nowMs - oldestMs >= flushMs)
        {
            FlushQuietly(logLock, offset);
        }
    }

    /// <summary>A flush that nobody waits for.</summary>
    public void FlushQuietly(Lock logLock, long offset) => Quietly("flush", () => Run(logLock, offset, closing: false, durable: true));

    /// <summary>Background work on the files: failures fence the directory, a full disk puts it off.</summary>
    public void Quietly(string operation, Action work)
    {
        if (_environment.Failure is not null)
        {
            return;
        }

        try
        {
            lock (_gate)
            {
                if (!_retired)
                {
                    work();
                }
            }
        }
        catch (DiskFullException)
        {
            StorageLog.DiskFull(_environment.Logger, _environment.Store.Root, operation, _directory);
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            _environment.Fence(operation, cause);
        }
    }

    private void Run(Lock logLock, long offset, bool closing, bool durable)
    {
        if (_retired)
        {
            return;
        }

        if (_environment.Failure is { } failure)
        {
            // The kernel reports a write that failed once only: after it, a flush that succeeds proves nothing.
            throw failure;
        }

        Segment[] due;
        Segment active;
        (long Offset, byte[] Content)[] snapshots;
        lock (logLock)
        {
            active = _segments.Active;
            // The log may have been truncated since the flush was asked for.
            offset = Math.Min(offset, active.End.NextOffset);
            due = DueSegments(active, offset, closing);
            snapshots = due.Length > 0 || closing ? _producers.TakePending() : [];
            _oldestUnflushedMs = -1;
        }

        try
        {
            Persist(due, active, snapshots, closing, durable);
        }
        catch (DiskFullException)
        {
            lock (logLock)
            {
                _producers.Requeue(snapshots);
            }

            throw;
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            throw _environment.Fence("flush", cause);
        }

        Volatile.Write(ref _recoveryPoint, Math.Max(_recoveryPoint, offset));
    }

    // Full segments whose index files are behind are due even when their data is below the recovery point.
    private Segment[] DueSegments(Segment active, long offset, bool closing)
    {
        var due = new List<Segment>();
        foreach (Segment segment in _segments.All)
        {
            bool unflushed = segment.End.NextOffset > _recoveryPoint && segment.BaseOffset < offset;
            bool unindexed = (closing || segment != active) && !segment.IndexesWritten;
            if (unflushed || unindexed)
            {
                due.Add(segment);
            }
        }

        return [.. due];
    }

    private void Persist(Segment[] due, Segment active, ReadOnlySpan<(long Offset, byte[] Content)> snapshots, bool closing, bool durable)
    {
        _producers.WritePending(snapshots, durable);
        bool newNames = snapshots.Length > 0;
        foreach (Segment segment in due)
        {
            bool full = closing || segment != active;
            if (full && segment.SizeBytes > 0)
            {
                segment.File.Seal(segment.SizeBytes);
            }

            if (full)
            {
                segment.WriteIndexes(durable);
                newNames = true;
            }

            if (durable && segment.SizeBytes > 0)
            {
                segment.File.Flush();
            }

            newNames |= segment.BaseOffset > _syncedBaseOffset;
        }

        _epochs.WriteIfChanged(durable);
        if (newNames && durable)
        {
            SyncNames();
            _syncedBaseOffset = active.BaseOffset;
        }
    }

    private void SyncNames()
    {
        if (_syncedBaseOffset < 0)
        {
            string metadata = Path.Combine(_directory, PartitionMetadata.FileName);
            if (_environment.Store.FileExists(metadata))
            {
                _environment.Store.Flush(metadata);
            }

            _environment.Store.SyncDirectory(_environment.Store.Root);
        }

        _environment.Store.SyncDirectory(_directory);
    }
}
