using KafkaCompatBroker.Storage.Segments;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// A segment that is written and read through a mapping. Blocks are allocated in growing steps ahead of the write position, and only allocated bytes
/// are ever touched, so a full disk is an error code and never a SIGBUS. Mapping and descriptor are made on first use and dropped when idle, or when the
/// process has too many: whoever uses one of them holds a lease, or has borrowed it, until it is done.
/// </summary>
internal sealed class MappedSegmentFile : ISegmentFile
{
    private const int FirstStep = 16 * 1024;
    private const int LargestStep = 16 * 1024 * 1024;
    private const int PreparedStepMin = 1024 * 1024;
    private const int MapAheadFactor = 16;
    private const int MapMin = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly OpenSegments _openSegments;
    private SafeFileHandle? _file;
    private LinkedListNode<MappedSegmentFile>? _listed;
    private MappedRegion? _region;
    private MappedRegion? _writing;
    private bool _isUsed;
    private bool _regionWritable;
    private readonly List<MappedRegion> _replaced = [];
    private bool _closed;
    private int _borrowed;
    private int _allocated;
    private int _writtenEnd;

    public MappedSegmentFile(string path, int capacity, OpenSegments openSegments)
    {
        Path = path;
        _capacity = capacity;
        _openSegments = openSegments;
        _allocated = checked((int)RandomAccess.GetLength(Open(FileMode.OpenOrCreate)));
        _writtenEnd = _allocated;
    }

    public string Path { get; private set; }

    public bool IsZeroCopy => true;

    public int FileLength => Volatile.Read(ref _allocated);

    public Span<byte> BeginWrite(int position, int length)
    {
        int end = checked(position + length);
        MappedRegion? region = Volatile.Read(ref _region);
        if (end > Volatile.Read(ref _allocated) || region is null || !_regionWritable || end > region.Length || !region.Lease.TryAcquire())
        {
            region = MakeRoom(end);
        }

        _writing = region;
        _isUsed = true;
        _writtenEnd = Math.Max(_writtenEnd, end);
        return region.GetSpan().Slice(position, length);
    }

    public void EndWrite(int position, int length)
    {
        MappedRegion? written = _writing;
        _writing = null;
        written?.Lease.Dispose();
    }

    public bool TryRead(int position, int length, out ReadOnlyMemory<byte> bytes, out SegmentLease lease)
    {
        MappedRegion? region = Volatile.Read(ref _region);
        if (region is null || position + length > region.Length || !region.Lease.TryAcquire())
        {
            region = AcquireSlowly(position + length);
        }

        _isUsed = true;
        bytes = region is null ? default : region.Memory.Slice(position, length);
        lease = region?.Lease ?? SegmentLease.None;
        return region is not null;
    }

    public int ReadInto(int position, Span<byte> destination)
    {
        SafeFileHandle file = Borrow();
        try
        {
            return FileCalls.ReadFully(file, position, destination);
        }
        finally
        {
            GiveBack();
        }
    }

    public void Flush()
    {
        SafeFileHandle file = Borrow();
        try
        {
            NativeFile.FlushData(file, Path);
        }
        finally
        {
            GiveBack();
        }
    }

    public void Truncate(int length)
    {
        lock (_gate)
        {
            if (length >= _allocated)
            {
                return;
            }

            // Readers may hold this mapping and those before it: what they look at must not end under them.
            ReplaceRegion(null);
            foreach (MappedRegion region in _replaced)
            {
                region.UnbackIfRead(length);
            }

            NativeFile.Resize(Handle(), length, Path);
            Volatile.Write(ref _allocated, length);
            _writtenEnd = length;
        }
    }

    public void Seal(int length)
    {
        lock (_gate)
        {
            // Readers touch published bytes only, all of them below the new end or cut off from the file by a truncation.
            if (length < _allocated)
            {
                NativeFile.Resize(Handle(), length, Path);
                Volatile.Write(ref _allocated, length);
            }
        }
    }

    public bool WantsPreparation(int position)
    {
        int allocated = _allocated;
        return allocated >= PreparedStepMin && allocated < _capacity && allocated - position < Math.Min(allocated, LargestStep) / 2;
    }

    public void PrepareAhead()
    {
        lock (_gate)
        {
            if (_closed || !WantsPreparation(_writtenEnd))
            {
                return;
            }

            try
            {
                Allocate(Math.Min(_capacity, _allocated + 1));
            }
            catch (DiskFullException)
            {
                // The write that needs the room reports it.
            }
        }
    }

    public void Rest()
    {
        lock (_gate)
        {
            RestLocked();
        }
    }

    /// <summary>As <see cref="Rest"/>, unless somebody works on the file; false when it stays open.</summary>
    public bool TryRest()
    {
        if (!_gate.TryEnter())
        {
            return false;
        }

        try
        {
            RestLocked();
            return _file is null;
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Whether it was written or read since the last call.</summary>
    public bool TakeUsed() => Interlocked.Exchange(ref _isUsed, false);

    public void Move(string path, Action rename)
    {
        lock (_gate)
        {
            rename();
            Path = path;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _region?.Lease.Dispose();
            _region = null;
            CloseFile();
        }
    }

    private MappedRegion MakeRoom(int end)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (end > _allocated)
            {
                Allocate(end);
            }

            MappedRegion region = _region is not null && _regionWritable && end <= _region.Length ? _region : Remap(end);
            _ = region.Lease.TryAcquire();
            return region;
        }
    }

    private void Allocate(int end)
    {
        long step = Math.Clamp(_allocated, FirstStep, LargestStep);
        long target = Math.Max(end, Math.Min(_allocated + step, _capacity));
        if (!TryAllocate(target) && (target == end || !TryAllocate(end)))
        {
            throw new DiskFullException(Path);
        }
    }

    private bool TryAllocate(long target)
    {
        try
        {
            NativeFile.Allocate(Handle(), _allocated, target - _allocated, Path);
            Volatile.Write(ref _allocated, (int)target);
            return true;
        }
        catch (DiskFullException)
        {
            // What the file system gave before it ran out goes back.
            NativeFile.Resize(Handle(), _allocated, Path);
            return false;
        }
    }

    private MappedRegion Remap(int end)
    {
        long length = Math.Clamp((long)_allocated * MapAheadFactor, MapMin, Math.Max(_capacity, MapMin));
        return Install(Map((int)Math.Max(end, length), writable: true), writable: true);
    }

    private MappedRegion? AcquireSlowly(int end)
    {
        lock (_gate)
        {
            if (_closed || end > _allocated)
            {
                return null;
            }

            MappedRegion? region = _region;
            if (region is null || end > region.Length)
            {
                region = Install(Map(_allocated, writable: false), writable: false);
            }

            return region.Lease.TryAcquire() ? region : null;
        }
    }

    private MappedRegion Install(MappedRegion region, bool writable)
    {
        _regionWritable = writable;
        ReplaceRegion(region);
        return region;
    }

    private void ReplaceRegion(MappedRegion? region)
    {
        MappedRegion? old = _region;
        Volatile.Write(ref _region, region);
        if (old is not null && !old.Lease.TryRetire())
        {
            old.Lease.Dispose();
            _replaced.RemoveAll(static replaced => replaced.Lease.IsReleased);
            _replaced.Add(old);
        }
    }

    // A handle that is not closed before it is given back; to close the file for good is not held up.
    private SafeFileHandle Borrow()
    {
        lock (_gate)
        {
            SafeFileHandle file = Handle();
            _borrowed++;
            return file;
        }
    }

    private void GiveBack()
    {
        lock (_gate)
        {
            _borrowed--;
        }
    }

    private SafeFileHandle Handle()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _file ?? Open(FileMode.Open);
        }
    }

    private SafeFileHandle Open(FileMode mode)
    {
        lock (_gate)
        {
            try
            {
                _file = FileCalls.Open(Path, mode);
            }
            catch (IOException tooMany) when (FileErrors.IsTooManyOpen(tooMany))
            {
                _openSegments.Shrink(this);
                _file = FileCalls.Open(Path, mode);
            }

            _listed = _openSegments.Opened(this);
            return _file;
        }
    }

    private MappedRegion Map(int length, bool writable)
    {
        SafeFileHandle file = Handle();
        try
        {
            return new MappedRegion(file, length, writable, Path);
        }
        catch (IOException)
        {
            _openSegments.Shrink(this);
            return new MappedRegion(file, length, writable, Path);
        }
    }

    private void RestLocked()
    {
        if (_region is not null && _region.Lease.TryRetire())
        {
            _region = null;
        }

        if (_region is null && _borrowed == 0)
        {
            CloseFile();
        }
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
        if (_listed is { } listed)
        {
            _openSegments.Closed(listed);
            _listed = null;
        }
    }
}
