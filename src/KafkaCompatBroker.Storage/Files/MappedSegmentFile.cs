using KafkaCompatBroker.Storage.Segments;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// A segment that is read through a mapping, and written through it or, in larger pieces, by calls. Only allocated bytes are ever touched
/// (<see cref="AllocatedSpace"/>), so a full disk is an error code and never a SIGBUS. Mapping and descriptor are made on first use and dropped when idle,
/// or when the process has too many: whoever uses one of them holds a lease, or has borrowed it, until it is done.
/// </summary>
internal sealed class MappedSegmentFile : ISegmentFile
{
    private const int MapAheadFactor = 16;
    private const int MapMin = 1024 * 1024;

    // From here on a call is cheaper than the faults of the pages that a store touches, and than their write-back.
    private const int CallMin = 8 * 1024;
    private const int HeldMax = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly OpenSegments _openSegments;
    private SafeFileHandle? _file;
    private LinkedListNode<MappedSegmentFile>? _listed;
    private MappedRegion? _region;
    private bool _isUsed;
    private bool _regionWritable;
    private readonly List<MappedRegion> _replaced = [];
    private bool _closed;
    private int _borrowed;
    private readonly AllocatedSpace _space;
    private int _writtenEnd;
    private int _heldFrom;

    public MappedSegmentFile(string path, int capacity, OpenSegments openSegments)
    {
        Path = path;
        _capacity = capacity;
        _openSegments = openSegments;
        _space = new AllocatedSpace(checked((int)RandomAccess.GetLength(Open(FileMode.OpenOrCreate))), capacity);
        _writtenEnd = _space.Length;
    }

    public string Path { get; private set; }

    public bool IsZeroCopy => true;

    public int FileLength => _space.Length;

    public void Write(int position, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        int end = checked(position + head.Length + rest.Length);
        if (end - position < CallMin)
        {
            Store(position, head, rest, end);
        }
        else
        {
            Call(position, head, rest, end);
        }

        _isUsed = true;
        _writtenEnd = Math.Max(_writtenEnd, end);
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
            if (length >= _space.Length)
            {
                return;
            }

            // Readers may hold this mapping and those before it: what they look at must not end under them.
            ReplaceRegion(null);
            foreach (MappedRegion region in _replaced)
            {
                region.UnbackIfRead(length);
            }

            _space.Cut(Handle(), length, Path);
            _writtenEnd = length;
            _heldFrom = Math.Min(_heldFrom, PageOf(length));
        }
    }

    public void Seal(int length)
    {
        lock (_gate)
        {
            // Readers touch published bytes only, all of them below the new end or cut off from the file by a truncation.
            if (length < _space.Length)
            {
                _space.Cut(Handle(), length, Path);
            }
        }
    }

    public bool WantsPreparation(int position) => _space.IsScarce(position);

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
                Allocate(Math.Min(_capacity, _space.Length + 1));
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

    private void Store(int position, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, int end)
    {
        MappedRegion? region = Volatile.Read(ref _region);
        if (end > _space.Length || region is null || !_regionWritable || end > region.Length || !region.Lease.TryAcquire())
        {
            region = MakeRoom(end);
        }

        using SegmentLease held = region.Lease;
        Span<byte> target = region.GetSpan()[position..end];
        MappedCopy.Copy(head, target);
        MappedCopy.Copy(rest, target[head.Length..]);
        if (end - _heldFrom >= HeldMax)
        {
            // The write-back of a page that is mapped dirty interrupts every processor.
            int to = PageOf(end);
            region.LetGo(_heldFrom, to);
            _heldFrom = to;
        }
    }

    private static int PageOf(int position) => position / Environment.SystemPageSize * Environment.SystemPageSize;

    private void Call(int position, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, int end)
    {
        SafeFileHandle file = Borrow(end);
        try
        {
            NativeFile.Write(file, head, rest, position, Path);
        }
        catch (IOException)
        {
            // Nobody may find half a batch behind the end.
            Truncate(position);
            throw;
        }
        finally
        {
            GiveBack();
        }
    }

    private MappedRegion MakeRoom(int end)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            Allocate(end);
            MappedRegion region = _region is not null && _regionWritable && end <= _region.Length ? _region : Install(end, writable: true);
            _ = region.Lease.TryAcquire();
            return region;
        }
    }

    private void Allocate(int end)
    {
        if (end > _space.Length)
        {
            _space.Extend(Handle(), end, Path);
        }
    }

    private MappedRegion? AcquireSlowly(int end)
    {
        lock (_gate)
        {
            if (_closed || end > _space.Length)
            {
                return null;
            }

            MappedRegion? region = _region;
            if (region is null || end > region.Length)
            {
                region = Install(_space.Length, writable: false);
            }

            return region.Lease.TryAcquire() ? region : null;
        }
    }

    private MappedRegion Install(int end, bool writable)
    {
        // Ahead of what there is: a file that grows is not mapped anew at each step.
        long ahead = Math.Clamp((long)_space.Length * MapAheadFactor, MapMin, Math.Max(_capacity, MapMin));
        MappedRegion region = Map((int)Math.Max(end, ahead), writable);
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
    private SafeFileHandle Borrow(int end = 0)
    {
        lock (_gate)
        {
            Allocate(end);
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
