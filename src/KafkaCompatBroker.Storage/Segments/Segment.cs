using System.Diagnostics.CodeAnalysis;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>Where the published part of a segment ends.</summary>
internal readonly record struct SegmentEnd(long NextOffset, int SizeBytes);

/// <summary>
/// One segment: its bytes, indexes and largest timestamp. Changed under the log's lock; read by anybody up to <see cref="End"/>, which is published after
/// the bytes and the index entries. The data file is made on the first append unless the name must survive a restart (base offset above 0).
/// </summary>
internal sealed class Segment : IDisposable
{
    private readonly IFileStore _store;
    private SegmentFileSet _files;
    private readonly int _capacity;
    private readonly bool _preallocate;
    private readonly int _indexIntervalBytes;
    private readonly Lock _gate = new();
    private ISegmentFile? _file;
    private SegmentIndexes? _indexes;
    private TransactionIndex _transactions = new();
    private long _end;
    private int _bytesSinceIndexEntry;
    private TimeEntry _largest = new(-1, -1);
    private bool _largestKnown;
    private long _firstTimestampMs = long.MinValue;
    private bool _touched;
    private bool _disposed;

    public Segment(IFileStore store, string directory, long baseOffset, LogConfig config, long nowMs, long jitterMs)
    {
        _store = store;
        _capacity = config.SegmentBytes;
        _preallocate = config.IsPreallocated;
        _indexIntervalBytes = config.IndexIntervalBytes;
        BaseOffset = baseOffset;
        CreatedMs = nowMs;
        JitterMs = jitterMs;
        _files = new SegmentFileSet(store, directory, baseOffset, life: "");
    }

    public long BaseOffset { get; }

    public long CreatedMs { get; private set; }

    public long JitterMs { get; }

    /// <summary>Whether the index files on disk hold what memory holds.</summary>
    public bool IndexesWritten { get; set; }

    /// <summary>Unix milliseconds of the last read or write, as far as the log was told the time.</summary>
    public long LastUsedMs { get; set; }

    public SegmentEnd End
    {
        get
        {
            long end = Volatile.Read(ref _end);
            return new SegmentEnd(BaseOffset + (uint)(end >>> 32), (int)end);
        }
    }

    public int SizeBytes => (int)Volatile.Read(ref _end);

    public TransactionIndex Transactions => Volatile.Read(ref _transactions);

    public ISegmentFile File => _file ?? OpenFile();

    public bool HasFile => _file is not null;

    /// <summary>Whether bytes that are not looked at cost nothing to read; not claimed before the file is open.</summary>
    public bool IsZeroCopy => _file?.IsZeroCopy ?? false;

    public SegmentIndexes Indexes => Volatile.Read(ref _indexes) ?? LoadIndexes();

    /// <summary>Largest timestamp of any batch and the last offset of the first batch that has it; -1 without any.</summary>
    public TimeEntry Largest
    {
        get
        {
            if (!_largestKnown)
            {
                _ = LoadIndexes();
            }

            return _largest;
        }
    }

    /// <summary>Timestamp of the first batch; -1 without one.</summary>
    public long FirstTimestampMs
    {
        get
        {
            if (_firstTimestampMs == long.MinValue)
            {
                _firstTimestampMs = SizeBytes == 0 ? -1 : SegmentSearch.FirstTimestamp(this);
            }

            return SizeBytes == 0 ? -1 : _firstTimestampMs;
        }
    }

    public string PathOf(string suffix) => _files.PathOf(suffix);

    /// <summary>A new segment that takes the place of others later: it gets another name until then, and files of that name go.</summary>
    public void StartApart(string directory)
    {
        _files = new SegmentFileSet(_store, directory, BaseOffset, SegmentName.CleanedSuffix);
        _files.Delete();
        StartEmpty();
        _ = OpenFile();
    }

    /// <summary>A new segment: empty indexes, nothing to load.</summary>
    public void StartEmpty()
    {
        _indexes = new SegmentIndexes(BaseOffset);
        _largestKnown = true;
        _largest = new TimeEntry(-1, -1);
        Publish(BaseOffset, 0);
    }

    /// <summary>A segment that is on disk, with an end that the caller found; without indexes they are read from their files when needed.</summary>
    public void StartLoaded(long nextOffset, int sizeBytes, SegmentIndexes? indexes, TransactionIndex transactions)
    {
        Volatile.Write(ref _transactions, transactions);
        Publish(nextOffset, sizeBytes);
        if (indexes is not null)
        {
            Volatile.Write(ref _indexes, indexes);
            _largest = indexes.Time.Last ?? new TimeEntry(-1, -1);
            _largestKnown = true;
            _bytesSinceIndexEntry = sizeBytes - indexes.Offsets.Last.Position;
        }
        else
        {
            IndexesWritten = true;
        }
    }

    /// <summary>Copies one validated batch to the end and gives it its offset and epoch there.</summary>
    /// <exception cref="DiskFullException">Nothing was appended.</exception>
    public void Append(in BatchValidation batch, long baseOffset, int leaderEpoch)
    {
        ReadOnlySpan<byte> bytes = batch.Bytes.Span;
        int position = SizeBytes;
        ISegmentFile file = File;
        Span<byte> head = stackalloc byte[RecordBatchLayout.Records];
        bytes[..head.Length].CopyTo(head);
        batch.Stamp(head, bytes[head.Length..], baseOffset, leaderEpoch);
        file.Write(position, head, bytes[head.Length..]);
        long lastOffset = baseOffset + batch.RecordCount - 1;
        NoteBatch(position, bytes.Length, lastOffset, batch.MaxTimestampMs);
        IndexesWritten = false;
        Publish(lastOffset + 1, position + bytes.Length);
    }

    /// <summary>Copies whole batches that have their offsets to the end.</summary>
    /// <exception cref="DiskFullException">Nothing was appended.</exception>
    public void Append(ReadOnlySpan<byte> batches)
    {
        int position = SizeBytes;
        ISegmentFile file = File;
        file.Write(position, [], batches);
        long nextOffset = End.NextOffset;
        var cursor = new BatchCursor(batches, position);
        while (cursor.MoveNext())
        {
            nextOffset = cursor.Current.NextOffset;
            NoteBatch(cursor.Position, cursor.Current.SizeInBytes, nextOffset - 1, cursor.Current.MaxTimestamp);
        }

        IndexesWritten = false;
        Publish(nextOffset, position + batches.Length);
    }

    /// <summary>Adds an aborted transaction whose marker was just appended. The file is written with the other indexes; recovery makes it from the markers.</summary>
    public void AppendAborted(in AbortedTransaction transaction)
    {
        _transactions.Append(transaction);
        IndexesWritten = false;
    }

    /// <summary>Cuts everything from the offset on; a batch that contains it goes as a whole. Returns the new end.</summary>
    public SegmentEnd Truncate(long offset, long nowMs)
    {
        SegmentIndexes indexes = Indexes;
        _ = SegmentSearch.TryFindBatch(this, offset, SizeBytes, out int position, out _);
        indexes.Truncate(offset, position);
        _transactions.Truncate(offset);
        long nextOffset = position == 0 ? BaseOffset : SegmentSearch.NextOffsetAt(this, position);
        Publish(nextOffset, position);
        File.Truncate(position);
        if (position == 0)
        {
            CreatedMs = nowMs;
            _firstTimestampMs = long.MinValue;
        }

        _bytesSinceIndexEntry = position - indexes.Offsets.Last.Position;
        _largest = SegmentSearch.Largest(this, indexes);
        IndexesWritten = false;
        return End;
    }

    public bool TryWindow(int from, int to, out ReadOnlyMemory<byte> bytes, out SegmentLease lease)
    {
        _touched = true;
        if (to > from && TryOpen(out ISegmentFile? file))
        {
            return file.TryRead(from, to - from, out bytes, out lease);
        }

        bytes = default;
        lease = SegmentLease.None;
        return false;
    }

    /// <summary>Largest timestamp for retention: of the records, or of the file when they have none.</summary>
    public long RetentionTimestampMs()
    {
        if (SizeBytes == 0)
        {
            return CreatedMs;
        }

        return Largest.TimestampMs >= 0 ? Largest.TimestampMs : _store.ModifiedMs(PathOf(SegmentName.LogSuffix));
    }

    /// <summary>Writes the index files; the last timestamp gets its entry first. Called when the segment is full and when it is closed.</summary>
    public void WriteIndexes(bool durable)
    {
        if (IndexesWritten)
        {
            return;
        }

        SegmentIndexes indexes = Indexes;
        indexes.Time.Append(_largest.TimestampMs, _largest.Offset);
        _store.Write(PathOf(SegmentName.OffsetIndexSuffix), indexes.Offsets.ToBytes(), durable);
        _store.Write(PathOf(SegmentName.TimeIndexSuffix), indexes.Time.ToBytes(), durable);
        if (_transactions.Count > 0)
        {
            _store.Write(PathOf(SegmentName.TransactionIndexSuffix), _transactions.ToBytes(), durable);
        }
        else
        {
            _store.Delete(PathOf(SegmentName.TransactionIndexSuffix));
        }

        IndexesWritten = true;
    }

    /// <summary>Lets go of mapping, descriptor and index arrays after a while without use; all of it comes back on the next use.</summary>
    public void RestIfIdle(long nowMs, long idleMs, bool isActive)
    {
        if (_touched)
        {
            _touched = false;
            LastUsedMs = nowMs;
        }

        if (nowMs - LastUsedMs < idleMs)
        {
            return;
        }

        if (!isActive && IndexesWritten)
        {
            Volatile.Write(ref _indexes, null);
        }

        _file?.Rest();
    }

    /// <summary>Renames the files so that they are gone at the next start at the latest.</summary>
    public void MarkDeleted() => Rename(SegmentName.DeletedSuffix);

    /// <summary>Renames the files: what follows the usual names says where the segment is in its life.</summary>
    public void Rename(string life)
    {
        lock (_gate)
        {
            if (_file is { } file)
            {
                file.Move(_files.PathIn(life, SegmentName.LogSuffix), () => _files.Rename(life));
            }
            else
            {
                _files.Rename(life);
            }
        }
    }

    public void DeleteFiles()
    {
        Dispose();
        _files.Delete();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _file?.Dispose();
        }
    }

    public ISegmentFile OpenFile()
        => TryOpen(out ISegmentFile? file) ? file : throw new ObjectDisposedException(PathOf(SegmentName.LogSuffix));

    private bool TryOpen([NotNullWhen(true)] out ISegmentFile? file)
    {
        file = _file;
        if (file is not null)
        {
            return true;
        }

        lock (_gate)
        {
            file = _disposed ? null : _file ??= _store.OpenSegment(PathOf(SegmentName.LogSuffix), _capacity, _preallocate);
            return file is not null;
        }
    }

    private void NoteBatch(int position, int sizeBytes, long lastOffset, long maxTimestampMs)
    {
        if (position == 0)
        {
            _firstTimestampMs = maxTimestampMs;
        }

        if (maxTimestampMs > _largest.TimestampMs)
        {
            _largest = new TimeEntry(maxTimestampMs, lastOffset);
        }

        if (_bytesSinceIndexEntry > _indexIntervalBytes)
        {
            SegmentIndexes indexes = Indexes;
            indexes.Offsets.Append(lastOffset, position);
            indexes.Time.Append(_largest.TimestampMs, _largest.Offset);
            _bytesSinceIndexEntry = 0;
        }

        _bytesSinceIndexEntry += sizeBytes;
    }

    private void Publish(long nextOffset, int sizeBytes) => Volatile.Write(ref _end, ((nextOffset - BaseOffset) << 32) | (uint)sizeBytes);

    private SegmentIndexes LoadIndexes()
    {
        lock (_gate)
        {
            if (_indexes is { } present && _largestKnown)
            {
                return present;
            }

            SegmentEnd end = End;
            SegmentIndexes indexes = _indexes
                ?? SegmentIndexes.TryLoad(_store, this, end)
                ?? SegmentIndexes.Rebuild(this, end, _indexIntervalBytes);
            _bytesSinceIndexEntry = end.SizeBytes - indexes.Offsets.Last.Position;
            if (!_largestKnown)
            {
                _largest = indexes.Time.Last ?? SegmentSearch.Largest(this, indexes);
                _largestKnown = true;
            }

            Volatile.Write(ref _indexes, indexes);
            return indexes;
        }
    }

    /// <summary>Makes the indexes anew because the files turned out damaged.</summary>
    public SegmentIndexes RebuildIndexes()
    {
        lock (_gate)
        {
            SegmentIndexes rebuilt = SegmentIndexes.Rebuild(this, End, _indexIntervalBytes);
            Volatile.Write(ref _indexes, rebuilt);
            return rebuilt;
        }
    }
}
