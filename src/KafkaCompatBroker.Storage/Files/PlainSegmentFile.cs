using System.Buffers;
using KafkaCompatBroker.Storage.Segments;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>A segment written and read by file calls, for platforms without allocation and mapping. Slower, same contents.</summary>
internal sealed class PlainSegmentFile : ISegmentFile
{
    private readonly Lock _gate = new();
    private SafeFileHandle? _file;
    private bool _closed;
    private int _length;

    public PlainSegmentFile(string path)
    {
        Path = path;
        _file = FileCalls.Open(path, FileMode.OpenOrCreate);
        _length = checked((int)RandomAccess.GetLength(_file));
    }

    public string Path { get; private set; }

    public bool IsZeroCopy => false;

    public int FileLength => Volatile.Read(ref _length);

    public void Write(int position, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        int end = checked(position + head.Length + rest.Length);
        try
        {
            RandomAccess.Write(Handle(), head, position);
            RandomAccess.Write(Handle(), rest, position + head.Length);
        }
        catch (IOException full) when (FileErrors.IsDiskFull(full))
        {
            throw new DiskFullException(Path);
        }

        Volatile.Write(ref _length, Math.Max(_length, end));
    }

    public bool TryRead(int position, int length, out ReadOnlyMemory<byte> bytes, out SegmentLease lease)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        bool whole;
        lock (_gate)
        {
            whole = !_closed && ReadInto(position, rented.AsSpan(0, length)) == length;
        }

        bytes = whole ? rented.AsMemory(0, length) : default;
        lease = whole ? new SegmentLease(() => ArrayPool<byte>.Shared.Return(rented)) : SegmentLease.None;
        return whole;
    }

    public int ReadInto(int position, Span<byte> destination) => FileCalls.ReadFully(Handle(), position, destination);

    public void Flush() => NativeFile.FlushData(Handle(), Path);

    public void Truncate(int length)
    {
        if (length < _length)
        {
            NativeFile.Resize(Handle(), length, Path);
            Volatile.Write(ref _length, length);
        }
    }

    public void Seal(int length) => Truncate(length);

    public void PrepareAhead()
    {
    }

    public bool WantsPreparation(int position) => false;

    public void Rest()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

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
            _file?.Dispose();
            _file = null;
        }
    }

    private SafeFileHandle Handle()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _file ??= FileCalls.Open(Path, FileMode.Open);
        }
    }
}
