using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// One entry of log.dirs: its lock, identity, checkpoints and background lane. It fails alone: the logs of other directories are not touched by it.
/// </summary>
public sealed class LogDirectory : IDisposable
{
    private readonly StorageLane _lane;
    private readonly Dictionary<string, Dictionary<(string Topic, int Partition), long>> _written = [];
    private DirectoryLock? _lock;

    internal LogDirectory(IFileStore store, ILogger logger)
    {
        _lane = new StorageLane(store.Root, logger);
        Environment = new LogEnvironment(store, _lane, logger);
    }

    public string Path => Environment.Store.Root;

    public IFileStore Store => Environment.Store;

    /// <summary>Null while the directory is not formatted, or when it failed before it could be read.</summary>
    public MetaProperties? Meta { get; private set; }

    /// <summary>directory.id; zero when unknown.</summary>
    public Uuid Id => Meta?.DirectoryId ?? Uuid.Zero;

    public bool IsOffline => Environment.Failure is not null;

    public StorageException? Failure => Environment.Failure;

    /// <summary>How many logs of partitions it holds.</summary>
    public int LogCount => Environment.LogCount;

    /// <summary>Whether the last run closed every log in order.</summary>
    public bool WasCleanShutdown { get; private set; }

    /// <summary>Broker epoch of the last run if it was closed in order; otherwise -1.</summary>
    public long PreviousBrokerEpoch { get; private set; } = -1;

    internal LogEnvironment Environment { get; }

    internal Dictionary<(string Topic, int Partition), long> RecoveryPoints { get; private set; } = [];

    internal Dictionary<(string Topic, int Partition), long> LogStartOffsets { get; private set; } = [];

    internal Dictionary<(string Topic, int Partition), long> CleanedOffsets { get; private set; } = [];

    internal Dictionary<(string Topic, int Partition), long> HighWatermarks { get; private set; } = [];

    /// <summary>Gives the directory its identity (format, or the first start without one).</summary>
    public void WriteMeta(MetaProperties meta, DateTimeOffset writtenAt)
    {
        meta.Write(Store, writtenAt);
        Meta = meta;
    }

    /// <exception cref="DirectoryInUseException">Another broker uses the directory.</exception>
    internal void Open()
    {
        Attempt("open", () =>
        {
            Store.CreateDirectory(Path);
            _lock = DirectoryLock.TryTake(Path) ?? throw new DirectoryInUseException(Path);
            Meta = MetaProperties.Read(Store);
        });
    }

    /// <summary>Takes the clean-shutdown marker away (before any log is loaded, so that a crash while loading is seen as one) and reads the checkpoints.</summary>
    internal void ReadCheckpoints()
    {
        Attempt("read checkpoints", () =>
        {
            WasCleanShutdown = CleanShutdownMarker.Take(Store, out long brokerEpoch);
            PreviousBrokerEpoch = brokerEpoch;
            RecoveryPoints = Read(OffsetCheckpoint.RecoveryPointFile);
            LogStartOffsets = Read(OffsetCheckpoint.LogStartFile);
            HighWatermarks = Read(OffsetCheckpoint.HighWatermarkFile);
            CleanedOffsets = Read(OffsetCheckpoint.CleanerFile);
        });
    }

    /// <summary>
    /// Writes a checkpoint if it differs from what was written last; the offsets may be asked for twice. False when it could not be written.
    /// </summary>
    internal bool WriteCheckpoint(string fileName, IEnumerable<KeyValuePair<(string Topic, int Partition), long>> offsets, bool durable)
    {
        lock (_written)
        {
            if (_written.TryGetValue(fileName, out var before) && IsSame(before, offsets))
            {
                return true;
            }

            return Attempt("write checkpoint", () =>
            {
                var now = new Dictionary<(string Topic, int Partition), long>(offsets);
                OffsetCheckpoint.Write(Store, fileName, now, durable);
                _written[fileName] = now;
            });
        }
    }

    internal void MarkClean(long brokerEpoch) => Attempt("write marker", () => CleanShutdownMarker.Write(Store, brokerEpoch));

    /// <summary>Runs work on the directory; a failure fences it, a full disk leaves the work undone.</summary>
    internal bool Attempt(string operation, Action work)
    {
        if (IsOffline)
        {
            return false;
        }

        try
        {
            work();
            return true;
        }
        catch (DiskFullException)
        {
            StorageLog.DiskFull(Environment.Logger, Path, operation, Path);
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause) && cause is not DirectoryInUseException)
        {
            Environment.Fence(operation, cause);
        }

        return false;
    }

    /// <summary>Ends background work; what was posted is done first.</summary>
    internal void StopLane() => _lane.Dispose();

    public void Dispose()
    {
        _lane.Dispose();
        _lock?.Dispose();
    }

    // Nearly always nothing has changed, so nothing is copied to find that out.
    private static bool IsSame(Dictionary<(string Topic, int Partition), long> before, IEnumerable<KeyValuePair<(string Topic, int Partition), long>> offsets)
    {
        int count = 0;
        foreach ((var key, long offset) in offsets)
        {
            count++;
            if (!before.TryGetValue(key, out long known) || known != offset)
            {
                return false;
            }
        }

        return count == before.Count;
    }

    private Dictionary<(string Topic, int Partition), long> Read(string fileName)
    {
        if (OffsetCheckpoint.Read(Store, fileName) is { } offsets)
        {
            return offsets;
        }

        StorageLog.CheckpointDamaged(Environment.Logger, fileName, Path);
        return [];
    }
}
