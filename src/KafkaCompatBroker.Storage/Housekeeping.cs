using System.Collections.Concurrent;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage;

/// <summary>The periodic work of a log store: checkpoints, retention, delayed deletions, rest for idle logs. One thread at a time.</summary>
internal sealed class Housekeeping(
    LogStoreOptions options, IReadOnlyList<LogDirectory> directories, ConcurrentDictionary<TopicPartition, PartitionLog> logs, long startedMs)
{
    private readonly Lock _lock = new();
    private readonly List<(long DueMs, LogDirectory Directory, string Path)> _deletions = [];
    private readonly HashSet<LogDirectory> _forgotten = [];
    private long _nextCheckpointMs = startedMs + options.OffsetCheckpointMs;
    private long _nextLogStartMs = startedMs + options.LogStartCheckpointMs;
    private long _nextHighWatermarkMs = startedMs + options.HighWatermarkCheckpointMs;
    private long _nextRetentionMs = startedMs + options.InitialTaskDelayMs;
    private long _nextTickMs = startedMs + options.HousekeepingMs;

    /// <summary>Removes a directory later; soon the cleaner's checkpoint says nothing of it any more, so that a topic of the same name starts dirty.</summary>
    public void DeleteLater(LogDirectory directory, string path, long dueMs)
    {
        lock (_lock)
        {
            _deletions.Add((dueMs, directory, path));
            _forgotten.Add(directory);
        }
    }

    public void Run(long nowMs)
    {
        if (IsDue(ref _nextTickMs, options.HousekeepingMs, nowMs))
        {
            foreach ((_, PartitionLog log) in logs)
            {
                log.Tick(nowMs, options.IdleMs);
            }

            DeleteDirectories(nowMs);
        }

        if (IsDue(ref _nextRetentionMs, options.RetentionCheckMs, nowMs))
        {
            ApplyRetention(nowMs);
        }

        if (IsDue(ref _nextHighWatermarkMs, options.HighWatermarkCheckpointMs, nowMs))
        {
            foreach (LogDirectory directory in directories)
            {
                WriteHighWatermarks(directory);
            }
        }

        if (IsDue(ref _nextLogStartMs, options.LogStartCheckpointMs, nowMs))
        {
            foreach (LogDirectory directory in directories)
            {
                WriteLogStarts(directory);
            }
        }

        if (IsDue(ref _nextCheckpointMs, options.OffsetCheckpointMs, nowMs))
        {
            foreach (LogDirectory directory in directories)
            {
                WriteRecoveryPoints(directory);
            }
        }
    }

    /// <summary>Writes the offset checkpoints of a directory as far as they changed.</summary>
    public void WriteCheckpoints(LogDirectory directory)
    {
        WriteRecoveryPoints(directory);
        WriteLogStarts(directory);
        WriteHighWatermarks(directory);
        WriteCleaned(directory);
    }

    /// <summary>Writes how far the logs of a directory are compacted.</summary>
    public void WriteCleaned(LogDirectory directory)
        => directory.WriteCheckpoint(OffsetCheckpoint.CleanerFile, Offsets(directory, static log => log.CleanedUpTo > 0, static log => log.CleanedUpTo), durable: true);

    /// <summary>Writes the recovery points of a directory because one of them went back.</summary>
    /// <exception cref="DiskFullException">There is no room for the file.</exception>
    /// <exception cref="StorageException">The directory has failed.</exception>
    public void WriteLoweredRecoveryPoint(LogDirectory directory)
    {
        if (!WriteRecoveryPoints(directory))
        {
            throw directory.Failure ?? (IOException)new DiskFullException(directory.Path);
        }
    }

    private bool WriteRecoveryPoints(LogDirectory directory)
        => directory.WriteCheckpoint(OffsetCheckpoint.RecoveryPointFile, Offsets(directory, static _ => true, static log => log.RecoveryPoint), durable: true);

    private void WriteLogStarts(LogDirectory directory)
    {
        var starts = Offsets(directory, static log => log.LogStartOffset > log.FirstSegmentBaseOffset, static log => log.LogStartOffset);
        directory.WriteCheckpoint(OffsetCheckpoint.LogStartFile, starts, durable: true);
    }

    private void WriteHighWatermarks(LogDirectory directory)
        => directory.WriteCheckpoint(OffsetCheckpoint.HighWatermarkFile, Offsets(directory, static _ => true, static log => log.HighWatermark), durable: false);

    private void ApplyRetention(long nowMs)
    {
        foreach ((_, PartitionLog log) in logs)
        {
            directories.First(directory => directory.Path == log.LogDirectory).Attempt("retention", () => log.DeleteOldSegments(nowMs));
        }
    }

    private void DeleteDirectories(long nowMs)
    {
        List<(long DueMs, LogDirectory Directory, string Path)> due;
        LogDirectory[] forgotten;
        lock (_lock)
        {
            due = _deletions.FindAll(deletion => deletion.DueMs <= nowMs);
            _deletions.RemoveAll(deletion => deletion.DueMs <= nowMs);
            forgotten = [.. _forgotten];
            _forgotten.Clear();
        }

        foreach ((_, LogDirectory directory, string path) in due)
        {
            directory.Attempt("delete log", () => directory.Store.DeleteDirectory(path));
        }

        Array.ForEach(forgotten, WriteCleaned);
    }

    // Worked out while it is read: with a hundred thousand logs a copy every few seconds would be most of an idle broker's work.
    private IEnumerable<KeyValuePair<(string Topic, int Partition), long>> Offsets(LogDirectory directory, Func<PartitionLog, bool> isWanted, Func<PartitionLog, long> offsetOf)
    {
        foreach ((TopicPartition name, PartitionLog log) in logs)
        {
            if (log.LogDirectory == directory.Path && isWanted(log))
            {
                yield return new((name.Topic, name.Partition), offsetOf(log));
            }
        }
    }

    private static bool IsDue(ref long nextMs, long intervalMs, long nowMs)
    {
        if (nowMs < nextMs)
        {
            return false;
        }

        nextMs = nowMs + intervalMs;
        return true;
    }
}
