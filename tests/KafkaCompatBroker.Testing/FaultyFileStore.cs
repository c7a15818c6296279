using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Testing;

/// <summary>The local file system with a disk that is full or broken when the test says so.</summary>
public sealed class FaultyFileStore(string root) : IFileStore
{
    private readonly MappedFileStore _inner = new(root);

    /// <summary>Every allocation and every write of a side file is refused for lack of room.</summary>
    public bool IsFull { get; set; }

    /// <summary>Every read of a segment fails as on a broken device.</summary>
    public bool FailsRead { get; set; }

    /// <summary>Every flush fails as on a broken device.</summary>
    public bool FailsFlush { get; set; }

    /// <summary>Called before every change of names and every write of a side file.</summary>
    public Action? BeforeChange { get; set; }

    /// <summary>Called between the renaming of a file and the return to who asked for it.</summary>
    public Action<string>? AfterRename { get; set; }

    public int Flushes { get; private set; }

    /// <summary>Side files whose present contents a power cut could take away.</summary>
    public ISet<string> Unflushed { get; } = new HashSet<string>();

    public string Root => _inner.Root;

    public void CreateDirectory(string path)
    {
        ThrowIfFull(path);
        _inner.CreateDirectory(path);
    }

    public bool DirectoryExists(string path) => _inner.DirectoryExists(path);

    public bool FileExists(string path) => _inner.FileExists(path);

    public string[] FileNames(string directory) => _inner.FileNames(directory);

    public string[] DirectoryNames(string directory) => _inner.DirectoryNames(directory);

    public byte[]? ReadAll(string path) => _inner.ReadAll(path);

    public void Replace(string path, ReadOnlySpan<byte> content, bool durable)
    {
        BeforeChange?.Invoke();
        ThrowIfFull(path);
        _inner.Replace(path, content, durable);
        NoteWritten(path, durable);
    }

    public void Write(string path, ReadOnlySpan<byte> content, bool durable)
    {
        BeforeChange?.Invoke();
        ThrowIfFull(path);
        _inner.Write(path, content, durable);
        NoteWritten(path, durable);
    }

    public void Flush(string path)
    {
        CountFlush();
        _inner.Flush(path);
    }

    public void Rename(string from, string to)
    {
        BeforeChange?.Invoke();
        _inner.Rename(from, to);
        AfterRename?.Invoke(from);
    }

    public void Delete(string path)
    {
        BeforeChange?.Invoke();
        _inner.Delete(path);
    }

    public void DeleteDirectory(string path) => _inner.DeleteDirectory(path);

    public long ModifiedMs(string path) => _inner.ModifiedMs(path);

    public void SyncDirectory(string path)
    {
        CountFlush();
        _inner.SyncDirectory(path);
    }

    public bool TrySyncAfter(Action work)
    {
        CountFlush();
        return _inner.TrySyncAfter(work);
    }

    public ISegmentFile OpenSegment(string path, int capacity, bool preallocate) => new FaultySegmentFile(this, _inner.OpenSegment(path, capacity, preallocate));

    private void ThrowIfFull(string path)
    {
        if (IsFull)
        {
            throw new DiskFullException(path);
        }
    }

    private void NoteWritten(string path, bool durable)
    {
        lock (Unflushed)
        {
            _ = durable ? Unflushed.Remove(path) : Unflushed.Add(path);
        }
    }

    private void CountFlush()
    {
        Flushes++;
        if (FailsFlush)
        {
            throw new StorageException(Root, "flush", new IOException("Input/output error"));
        }
    }

    private sealed class FaultySegmentFile(FaultyFileStore store, ISegmentFile inner) : ISegmentFile
    {
        public string Path => inner.Path;

        public bool IsZeroCopy => inner.IsZeroCopy;

        public int FileLength => inner.FileLength;

        public void Write(int position, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
        {
            store.ThrowIfFull(Path);
            inner.Write(position, head, rest);
        }

        public bool TryRead(int position, int length, out ReadOnlyMemory<byte> bytes, out SegmentLease lease)
            => store.FailsRead ? throw new StorageException(store.Root, "read", new IOException("Input/output error")) : inner.TryRead(position, length, out bytes, out lease);

        public int ReadInto(int position, Span<byte> destination) => inner.ReadInto(position, destination);

        public void Flush()
        {
            store.CountFlush();
            inner.Flush();
        }

        public void Truncate(int length) => inner.Truncate(length);

        public void Seal(int length) => inner.Seal(length);

        public void PrepareAhead() => inner.PrepareAhead();

        public bool WantsPreparation(int position) => inner.WantsPreparation(position);

        public void Rest() => inner.Rest();

        public void Move(string path, Action rename) => inner.Move(path, rename);

        public void Dispose() => inner.Dispose();
    }
}
