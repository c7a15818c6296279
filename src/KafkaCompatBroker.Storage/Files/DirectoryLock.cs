namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// The .lock file of a log directory, held as long as the broker uses it. Two locks in one: the whole-file lock keeps brokers in one process apart, the
/// record lock is the one that Apache Kafka takes.
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    public const string FileName = ".lock";

    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Null when another broker holds the directory.</summary>
    public static DirectoryLock? TryTake(string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            using FileStream created = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }

        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            {
                file.Lock(0, long.MaxValue);
            }

            return new DirectoryLock(file);
        }
        catch (IOException) when (File.Exists(path))
        {
            file?.Dispose();
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
