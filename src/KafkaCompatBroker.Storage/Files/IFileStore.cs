namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// Everything the storage layer does to the file system of one log directory; the seam where tests make disks fail. Failures surface as
/// <see cref="StorageException"/> (fatal for the directory) or <see cref="DiskFullException"/> (refused, may work later).
/// </summary>
public interface IFileStore
{
    /// <summary>The log directory, an entry of log.dirs.</summary>
    string Root { get; }

    void CreateDirectory(string path);

    bool DirectoryExists(string path);

    bool FileExists(string path);

    /// <summary>Names (not paths) of the files in a directory.</summary>
    string[] FileNames(string directory);

    /// <summary>Names (not paths) of the directories in a directory.</summary>
    string[] DirectoryNames(string directory);

    /// <summary>The whole file, or null when it does not exist.</summary>
    byte[]? ReadAll(string path);

    /// <summary>Replaces the file so that a crash leaves the old or the new content, never a mix; durable on return when <paramref name="durable"/>.</summary>
    void Replace(string path, ReadOnlySpan<byte> content, bool durable);

    /// <summary>Writes the file in place (contents that can be rebuilt); durable on return when <paramref name="durable"/>.</summary>
    void Write(string path, ReadOnlySpan<byte> content, bool durable);

    /// <summary>Makes the contents of a side file durable.</summary>
    void Flush(string path);

    /// <summary>Renames a file or directory, replacing a file that has the target's name.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file if it exists.</summary>
    void Delete(string path);

    /// <summary>Deletes a directory and everything in it.</summary>
    void DeleteDirectory(string path);

    /// <summary>Last modification, Unix milliseconds.</summary>
    long ModifiedMs(string path);

    void SyncDirectory(string path);

    /// <summary>
    /// Runs work that flushes nothing and then makes all of it durable at once. False when this file system cannot; the work has not been run then.
    /// </summary>
    bool TrySyncAfter(Action work);

    /// <summary>
    /// Opens a segment's data file, creating it empty when absent. It grows up to about <paramref name="capacity"/> bytes; with
    /// <paramref name="preallocate"/> ahead of the writes, otherwise exactly with them.
    /// </summary>
    ISegmentFile OpenSegment(string path, int capacity, bool preallocate);
}
