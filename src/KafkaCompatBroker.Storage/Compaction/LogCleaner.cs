using System.Collections.Concurrent;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>
/// Chooses which log is compacted next: of those that are due the dirtiest. Any number of threads may ask for work; a log is compacted by one at a time.
/// A log that cannot be read is left alone until the next start.
/// </summary>
internal sealed class LogCleaner(ConcurrentDictionary<TopicPartition, PartitionLog> logs, Action<PartitionLog> writeCleaned, CleanerPace pace, ILogger logger)
{
    private readonly Lock _lock = new();

    /// <summary>Runs one round on one log. False when none is due, or when it is better to wait before the next one.</summary>
    /// <exception cref="OperationCanceledException">The broker stops.</exception>
    public bool CleanNext(CleanerOptions options, long nowMs)
    {
        if (!TryTake(nowMs, out PartitionLog? log, out CompactionRange range))
        {
            return false;
        }

        try
        {
            pace.BytesPerSecondMax = options.BytesPerSecondMax;
            return TryClean(log, range, options, nowMs);
        }
        finally
        {
            lock (_lock)
            {
                log.Compactor.IsTaken = false;
            }
        }
    }

    private bool TryTake(long nowMs, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PartitionLog? log, out CompactionRange range)
    {
        log = null;
        range = default;
        lock (_lock)
        {
            foreach ((_, PartitionLog candidate) in logs)
            {
                if (!candidate.Config.IsCompacted || candidate.IsOffline || candidate.Compactor.IsTaken || candidate.Compactor.IsGivenUp)
                {
                    continue;
                }

                CompactionRange found = candidate.Compactor.RangeAt(nowMs);
                if (found.IsDue(candidate.Config) && (log is null || found.DirtyRatio > range.DirtyRatio))
                {
                    log = candidate;
                    range = found;
                }
            }

            if (log is null)
            {
                return false;
            }

            log.Compactor.IsTaken = true;
            return true;
        }
    }

    private bool TryClean(PartitionLog log, in CompactionRange range, CleanerOptions options, long nowMs)
    {
        try
        {
            long before = log.SizeBytes;
            var keys = new KeyOffsets(options.DedupeBufferBytes / options.Threads, options.LoadFactor, range.FirstUncleanable - range.FirstDirty);
            if (log.Compactor.Run(range, keys, pace, nowMs))
            {
                writeCleaned(log);
                StorageLog.Compacted(logger, log.DirectoryPath, range.FirstDirty, keys.LatestOffset + 1, before, log.SizeBytes);
            }

            return true;
        }
        catch (DiskFullException)
        {
            StorageLog.DiskFull(logger, log.LogDirectory, "compaction", log.DirectoryPath);
            return false;
        }
        catch (Exception cause) when (cause is ObjectDisposedException || (log.IsClosed && FileErrors.IsFileFailure(cause)))
        {
            // The log was deleted under the round, and its directory has another name now.
            return false;
        }
        catch (Exception cause) when (cause is RecordFormatException or DamagedSegmentException)
        {
            StorageLog.Uncleanable(logger, log.DirectoryPath, cause.Message);
            log.Compactor.IsGivenUp = true;
            return true;
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            log.Compactor.Fence(cause);
            return true;
        }
    }
}
