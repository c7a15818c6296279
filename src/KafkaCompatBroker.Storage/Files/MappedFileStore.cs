namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// The local file system below one log directory. Nothing else of this project maps, flushes, renames or deletes files.
/// </summary>
public sealed class MappedFileStore(string root) : IFileStore
{
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>Uses file calls instead of mappings; for platforms that cannot allocate blocks, and for tests.</summary>
    public bool UseMapping { get; init; } = NativeFile.CanMap;

    /// <summary>Shared by all log directories of a process, since the limits are.</summary>
    internal OpenSegments OpenSegments { get; init; } = OpenSegments.OfProcess();

    public void CreateDirectory(string path) => Run("create directory", () => Directory.CreateDirectory(path));

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public bool FileExists(string path) => File.Exists(path);

    public string[] FileNames(string directory) => Run("list", () => Names(Directory.GetFiles(directory)));

    public string[] DirectoryNames(string directory) => Run("list", () => Names(Directory.GetDirectories(directory)));

    public byte[]? ReadAll(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            throw new StorageException(Root, $"read {path}", cause);
        }
    }

    public void Replace(string path, ReadOnlySpan<byte> content, bool durable)
    {
        string temporary = path + ".tmp";
        Write(temporary, content, durable);
        Rename(temporary, path);
        if (durable)
        {
            SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    public void Write(string path, ReadOnlySpan<byte> content, bool durable)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);
            RandomAccess.Write(file, content, 0);
            if (durable)
            {
                NativeFile.FlushData(file, path);
            }
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            throw Translate($"write {path}", path, cause);
        }
    }

    public void Flush(string path) => Run($"flush {path}", () =>
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        NativeFile.FlushData(file, path);
    });

    public void Rename(string from, string to) => Run($"rename {from}", () =>
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    });

    public void Delete(string path) => Run($"delete {path}", () =>
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // As good as deleted: the directory of a deleted topic has another name.
        }
    });

    public void DeleteDirectory(string path) => Run($"delete {path}", () =>
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    });

    public long ModifiedMs(string path)
        => Run($"look at {path}", () => new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeMilliseconds());

    public void SyncDirectory(string path) => Run($"sync {path}", () => NativeFile.SyncDirectory(path));

    public bool TrySyncAfter(Action work) => Run("sync", () =>
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle? directory = NativeFile.OpenDirectory(Root);
        if (directory is null)
        {
            return false;
        }

        work();
        NativeFile.SyncFileSystem(directory, Root);
        return true;
    });

    public ISegmentFile OpenSegment(string path, int capacity, bool preallocate)
        => Run($"open {path}", () => UseMapping && preallocate ? (ISegmentFile)new MappedSegmentFile(path, capacity, OpenSegments) : new PlainSegmentFile(path));

    private static string[] Names(string[] paths) => Array.ConvertAll(paths, path => Path.GetFileName(path));

    private void Run(string operation, Action action) => Run(operation, () =>
    {
        action();
        return true;
    });

    private T Run<T>(string operation, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            throw Translate(operation, Root, cause);
        }
    }

    private IOException Translate(string operation, string path, Exception cause)
        => FileErrors.IsDiskFull(cause) ? new DiskFullException(path) : cause as StorageException ?? new StorageException(Root, operation, cause);
}
