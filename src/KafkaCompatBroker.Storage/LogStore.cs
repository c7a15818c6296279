using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Compaction;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// All logs of a broker in its log directories. <see cref="Open"/> locks the directories, <see cref="Load"/> brings the logs up, <see cref="Tick"/> keeps
/// them (call it about once a second, off the request threads), <see cref="Close"/> leaves them so that the next start is quick.
/// </summary>
public sealed class LogStore : IDisposable
{
    /// <summary>The metadata log is opened by itself and is in no checkpoint, as in Apache Kafka.</summary>
    public static readonly TopicPartition MetadataPartition = new("__cluster_metadata", 0);

    private const int SyncAllFrom = 32;

    private readonly LogStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<TopicPartition, PartitionLog> _logs = new();
    private readonly Lock _creating = new();
    private readonly Housekeeping _housekeeping;
    private readonly CancellationTokenSource _stopping = new();
    private readonly LogCleaner _cleaner;
    private CleanerLane? _cleanerLane;

    private LogStore(LogStoreOptions options, TimeProvider time, ILogger logger, IReadOnlyList<LogDirectory> directories)
    {
        _options = options;
        _time = time;
        _logger = logger;
        Directories = directories;
        _housekeeping = new Housekeeping(options, directories, _logs, NowMs);
        Futures = new FutureLogs(_logs, DeleteLater, logger);
        foreach (LogDirectory directory in directories)
        {
            directory.Environment.Failed += _ => DirectoryFailed?.Invoke();
            directory.Environment.RecoveryPointLowered = () => _housekeeping.WriteLoweredRecoveryPoint(directory);
        }

        _cleaner = new LogCleaner(_logs, log => _housekeeping.WriteCleaned(DirectoryOf(log)), new CleanerPace(time, _stopping.Token), logger);
    }

    /// <summary>Another directory is offline. Called on the thread that met the failure, which may hold locks; must not block.</summary>
    public event Action? DirectoryFailed;

    public IReadOnlyList<LogDirectory> Directories { get; }

    /// <summary>Every log but that of the metadata.</summary>
    public ICollection<PartitionLog> Logs => _logs.Values;

    /// <summary>Copies of logs that move to another directory.</summary>
    public FutureLogs Futures { get; }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Locks the log directories, making those that are missing, and reads who they belong to. One that fails is offline.</summary>
    /// <exception cref="DirectoryInUseException">Another broker uses one of them.</exception>
    /// <exception cref="InvalidDataException">A meta.properties cannot be understood.</exception>
    public static LogStore Open(LogStoreOptions options, TimeProvider time, ILogger logger, Func<string, IFileStore>? makeFileStore = null)
    {
        OpenSegments open = OpenSegments.OfProcess();
        makeFileStore ??= path => new MappedFileStore(path) { OpenSegments = open };
        var directories = new List<LogDirectory>();
        try
        {
            foreach (string path in options.Directories)
            {
                var directory = new LogDirectory(makeFileStore(path), logger);
                directories.Add(directory);
                directory.Open();
            }

            return new LogStore(options, time, logger, directories);
        }
        catch
        {
            directories.ForEach(directory => directory.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Opens or creates the log of the cluster's metadata in the given log directory. It is read in full at every start, whatever the shutdown was.
    /// </summary>
    public PartitionLog OpenMetadataLog(LogDirectory directory, LogConfig config)
    {
        string path = Path.Combine(directory.Path, MetadataPartition.ToString());
        directory.Store.CreateDirectory(path);
        if (PartitionMetadata.Read(directory.Store, path) != Uuid.One)
        {
            PartitionMetadata.Write(directory.Store, path, Uuid.One, durable: true);
            directory.Store.SyncDirectory(path);
            directory.Store.SyncDirectory(directory.Path);
        }

        LoadedLog loaded = LogRecovery.Load(directory.Environment, path, MetadataPartition.Partition, config, default, NowMs);
        return new PartitionLog(directory.Environment, MetadataPartition, Uuid.One, path, config, loaded);
    }

    /// <summary>
    /// Loads every log, several at a time. <paramref name="isStray"/> says which partitions do not belong here any more: they are renamed and left.
    /// </summary>
    public void Load(Func<TopicPartition, LogConfig> configOf, Func<TopicPartition, Uuid, bool>? isStray = null)
    {
        ForEach(Directories, Directories.Count, directory =>
        {
            long startedMs = NowMs;
            directory.ReadCheckpoints();
            string[] names = [];
            directory.Attempt("list", () => names = directory.Store.DirectoryNames(directory.Path));
            ForEach(names, _options.RecoveryThreads, name => directory.Attempt($"load {name}", () => LoadLog(directory, name, configOf, isStray)));
            StorageLog.DirectoryLoaded(_logger, names.Length, directory.Path, NowMs - startedMs, directory.WasCleanShutdown);
        });
        foreach (LogDirectory directory in Directories)
        {
            directory.Attempt("load copies", () => LoadFutures(directory));
        }
    }

    public PartitionLog? Find(TopicPartition topicPartition) => _logs.GetValueOrDefault(topicPartition);

    /// <summary>
    /// The log of a partition. A log of the same name that belongs to another topic id is deleted first. New logs go to <paramref name="directory"/>, or
    /// to the healthy directory that has the fewest.
    /// </summary>
    /// <exception cref="StorageException">The directory failed, or none is left.</exception>
    /// <exception cref="DiskFullException">There is no room for another log.</exception>
    public PartitionLog GetOrCreate(TopicPartition topicPartition, Uuid topicId, LogConfig config, LogDirectory? directory = null)
    {
        lock (_creating)
        {
            if (_logs.TryGetValue(topicPartition, out PartitionLog? log))
            {
                if (log.TopicId == topicId || topicId == Uuid.Zero)
                {
                    return log;
                }

                if (log.TopicId == Uuid.Zero)
                {
                    log.AssignTopicId(topicId);
                    return log;
                }

                Delete(topicPartition);
            }

            log = Create(topicPartition, topicId, config, directory ?? LeastUsed());
            _logs[topicPartition] = log;
            return log;
        }
    }

    /// <summary>Takes a log out of service: its directory is renamed at once and removed after file.delete.delay.ms.</summary>
    public void Delete(TopicPartition topicPartition)
    {
        Futures.Drop(topicPartition);
        if (_logs.TryRemove(topicPartition, out PartitionLog? log))
        {
            DeleteLater(log);
        }
    }

    /// <summary>The log directory that holds a log.</summary>
    public LogDirectory DirectoryOf(PartitionLog log) => Directories.First(directory => directory.Path == log.LogDirectory);

    /// <summary>Periodic work, at most what is due at <paramref name="nowMs"/>.</summary>
    public void Tick(long nowMs) => _housekeeping.Run(nowMs);

    /// <summary>Keeps compacted logs small from now on, on a thread of its own.</summary>
    public void StartCleaner(Func<CleanerOptions> options) => _cleanerLane = new CleanerLane(options, current => _cleaner.CleanNext(current, NowMs), _stopping);

    /// <summary>Runs one round of compaction on the log that needs it most; false when none is due.</summary>
    public bool CleanNext(CleanerOptions options, long nowMs) => _cleaner.CleanNext(options, nowMs);

    /// <summary>Closes every log. In a clean shutdown all is made durable first and the directories are marked with the broker's epoch.</summary>
    public void Close(bool clean, long brokerEpoch = -1)
    {
        _cleanerLane?.Dispose();
        Futures.Close(clean);
        foreach (LogDirectory directory in Directories)
        {
            directory.StopLane();
        }

        ForEach(Directories, Directories.Count, directory =>
        {
            PartitionLog[] logs = [.. _logs.Values.Where(log => log.LogDirectory == directory.Path)];
            bool closed = CloseLogs(directory, logs, clean);
            if (clean)
            {
                _housekeeping.WriteCheckpoints(directory);
                if (closed)
                {
                    directory.MarkClean(brokerEpoch);
                }
            }

            directory.Dispose();
        });
    }

    public void Dispose() => Close(clean: false);

    // A few dirty logs are flushed file by file; for many, one flush of the file system takes seconds instead of minutes.
    private bool CloseLogs(LogDirectory directory, PartitionLog[] logs, bool clean)
    {
        bool each = !clean || logs.Count(log => log.IsDirty) < SyncAllFrom;
        bool closed = false;
        bool ok = directory.Attempt("close logs", () => closed = !each && directory.Store.TrySyncAfter(() => Close(logs, clean, durable: false)));
        if (ok && !closed)
        {
            ok = directory.Attempt("close logs", () => Close(logs, clean, durable: true));
        }

        foreach (PartitionLog log in logs)
        {
            log.Dispose();
        }

        return ok;
    }

    private void Close(PartitionLog[] logs, bool clean, bool durable)
        => ForEach(logs, _options.RecoveryThreads, log => log.Close(clean, durable));

    private static void ForEach<T>(IEnumerable<T> items, int threads, Action<T> action)
    {
        try
        {
            Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) }, action);
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }

    private void LoadFutures(LogDirectory directory)
    {
        foreach (string name in directory.Store.DirectoryNames(directory.Path))
        {
            if (SegmentName.TryParseFuture(name, out string topic, out int partition))
            {
                Futures.Resume(directory, Path.Combine(directory.Path, name), new TopicPartition(topic, partition), NowMs);
            }
        }
    }

    private void LoadLog(LogDirectory directory, string name, Func<TopicPartition, LogConfig> configOf, Func<TopicPartition, Uuid, bool>? isStray)
    {
        string path = Path.Combine(directory.Path, name);
        if (name.EndsWith(SegmentName.DeleteDirectorySuffix, StringComparison.Ordinal))
        {
            _housekeeping.DeleteLater(directory, path, NowMs);
            return;
        }

        if (SegmentName.TryParseFuture(name, out _, out _))
        {
            return;
        }

        if (!SegmentName.TryParseDirectory(name, out string topic, out int partition))
        {
            StorageLog.StrayDirectory(_logger, path);
            return;
        }

        var topicPartition = new TopicPartition(topic, partition);
        if (topicPartition == MetadataPartition)
        {
            return;
        }

        Uuid topicId = PartitionMetadata.Read(directory.Store, path);
        if (isStray?.Invoke(topicPartition, topicId) == true)
        {
            string stray = Marked(topicPartition, SegmentName.StrayDirectorySuffix);
            directory.Store.Rename(path, Path.Combine(directory.Path, stray));
            StorageLog.StrayDirectory(_logger, stray);
            return;
        }

        LogConfig config = configOf(topicPartition);
        var key = (topic, partition);
        var checkpoint = new LogCheckpoint(
            directory.WasCleanShutdown,
            directory.RecoveryPoints.GetValueOrDefault(key),
            directory.LogStartOffsets.GetValueOrDefault(key),
            directory.HighWatermarks.GetValueOrDefault(key));
        LoadedLog loaded = LogRecovery.Load(directory.Environment, path, partition, config, checkpoint, NowMs);
        var log = new PartitionLog(directory.Environment, topicPartition, topicId, path, config, loaded)
        {
            CleanedUpTo = directory.CleanedOffsets.GetValueOrDefault(key),
        };
        Settle(log);
    }

    private void DeleteLater(PartitionLog log)
    {
        LogDirectory directory = DirectoryOf(log);
        string path = Path.Combine(directory.Path, Marked(log.TopicPartition, SegmentName.DeleteDirectorySuffix));
        directory.Attempt("delete log", () => log.RenameDirectory(path));
        _housekeeping.DeleteLater(directory, path, NowMs + log.Config.FileDeleteDelayMs);
    }

    // Two directories hold the partition when a move ended in a crash; they were alike then, so what goes on longer is the truth. The other one is kept aside.
    private void Settle(PartitionLog log)
    {
        lock (_creating)
        {
            if (_logs.TryAdd(log.TopicPartition, log))
            {
                return;
            }

            PartitionLog other = _logs[log.TopicPartition];
            PartitionLog rest = log.LogEndOffset > other.LogEndOffset ? other : log;
            _logs[log.TopicPartition] = rest == log ? other : log;
            string path = Path.Combine(rest.LogDirectory, Marked(log.TopicPartition, SegmentName.StrayDirectorySuffix));
            DirectoryOf(rest).Attempt("set aside", () => rest.RenameDirectory(path));
            StorageLog.StrayDirectory(_logger, path);
        }
    }

    private static string Marked(TopicPartition topicPartition, string suffix)
        => SegmentName.MarkedDirectory(topicPartition.Topic, topicPartition.Partition, Guid.NewGuid(), suffix);

    private PartitionLog Create(TopicPartition topicPartition, Uuid topicId, LogConfig config, LogDirectory directory)
    {
        if (directory.Failure is { } failure)
        {
            throw failure;
        }

        string path = Path.Combine(directory.Path, topicPartition.ToString());
        try
        {
            bool isThere = directory.Store.DirectoryExists(path);
            directory.Store.CreateDirectory(path);
            if (topicId != Uuid.Zero)
            {
                PartitionMetadata.Write(directory.Store, path, topicId, durable: false);
            }

            LoadedLog loaded = isThere
                ? LogRecovery.Load(directory.Environment, path, topicPartition.Partition, config, default, NowMs)
                : LogRecovery.Create(directory.Environment, path, topicPartition.Partition, config, NowMs);
            return new PartitionLog(directory.Environment, topicPartition, topicId, path, config, loaded);
        }
        catch (StorageException cause)
        {
            throw directory.Environment.Fence("create log", cause);
        }
    }

    private LogDirectory LeastUsed()
    {
        LogDirectory? best = null;
        int fewest = int.MaxValue;
        foreach (LogDirectory directory in Directories)
        {
            if (directory.IsOffline)
            {
                continue;
            }

            if (directory.LogCount < fewest)
            {
                best = directory;
                fewest = directory.LogCount;
            }
        }

        return best ?? throw new StorageException(string.Join(',', _options.Directories), "create log", new IOException("every log directory is offline"));
    }
}
