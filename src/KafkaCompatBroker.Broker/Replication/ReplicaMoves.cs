using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// Moves replicas between the log directories of this broker (KIP-113): fills a copy while the replica goes on serving, and exchanges the two when the copy
/// has everything. One thread, only while there is something to move. After a restart it goes on where it was.
/// </summary>
public sealed class ReplicaMoves(LogStore logs, Func<TopicPartition, Partition?> find, ReplicationThrottle throttle, TimeProvider time, ILogger logger)
{
    private const int ChunkBytes = 1024 * 1024;
    private const int ThrottledPauseMs = 50;

    private readonly Lock _lock = new();
    private readonly ManualResetEvent _stopping = new(initialState: false);
    private readonly Dictionary<TopicPartition, int> _truncationsSeen = [];
    private Thread? _thread;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Called when a replica is in another directory than before.</summary>
    public Action<Partition> Moved { get; set; } = static _ => { };

    /// <summary>Has a replica moved to another directory; one that is on its way there already goes on.</summary>
    /// <exception cref="IOException">The copy cannot be created there.</exception>
    public void Start(Partition partition, LogDirectory directory)
    {
        lock (_lock)
        {
            if (logs.Futures.Find(partition.Name)?.LogDirectory == directory.Path)
                return;
            _truncationsSeen[partition.Name] = partition.Log.Truncations;
            logs.Futures.Begin(partition.Log, directory, NowMs);
        }

        Resume();
    }

    /// <summary>Gives up a move: the replica is to stay where it is.</summary>
    public void Cancel(TopicPartition name)
    {
        lock (_lock)
            logs.Futures.Drop(name);
    }

    /// <summary>Works on the copies that there are.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            if (_thread is not null || logs.Futures.All.Count == 0 || _stopping.WaitOne(0))
                return;
            _thread = new Thread(Run) { IsBackground = true, Name = "replica moves" };
            _thread.Start();
        }
    }

    /// <summary>Ends the work; copies stay as they are for the next start.</summary>
    public void Stop()
    {
        _stopping.Set();
        Thread? running;
        lock (_lock)
            running = _thread;
        running?.Join();
    }

    private void Run()
    {
        while (HasWork())
        {
            foreach (PartitionLog copy in logs.Futures.All)
            {
                if (!_stopping.WaitOne(0))
                    Work(copy);
            }
        }
    }

    private bool HasWork()
    {
        lock (_lock)
        {
            if (!_stopping.WaitOne(0) && logs.Futures.All.Count > 0)
                return true;
            _thread = null;
            return false;
        }
    }

    private void Work(PartitionLog copy)
    {
        int copied = 0;
        lock (_lock)
        {
            if (logs.Futures.Find(copy.TopicPartition) != copy)
                return;
            try
            {
                if (find(copy.TopicPartition) is not { } partition || !TryCopy(partition, copy, out copied))
                    logs.Futures.Drop(copy.TopicPartition);
            }
            catch (IOException cause)
            {
                BrokerLog.MoveFailed(logger, copy.TopicPartition, copy.LogDirectory, cause.Message);
                logs.Futures.Drop(copy.TopicPartition);
            }
            catch (ObjectDisposedException)
            {
                // The topic was deleted meanwhile, its copy with it.
                logs.Futures.Drop(copy.TopicPartition);
            }
        }

        throttle.Count(copied);
        while (throttle.IsExceeded)
        {
            if (_stopping.WaitOne(ThrottledPauseMs))
                return;
        }
    }

    // False when the copy is of no use any more.
    private bool TryCopy(Partition partition, PartitionLog copy, out int copied)
    {
        PartitionLog source = partition.Log;
        copied = 0;
        if (IsStale(source, copy))
            copy.TruncateFullyAndStartAt(source.LogStartOffset, NowMs);
        if (copy.LogEndOffset < source.LogEndOffset)
            return TryAppend(source, copy, out copied);

        copy.Flush();
        if (partition.TryReplaceLog(current => Promoted(current, copy)))
        {
            BrokerLog.ReplicaMoved(logger, partition.Name, source.LogDirectory, copy.LogDirectory);
            Moved(partition);
        }

        return true;
    }

    // A log that was cut may go on differently from what was copied; one that was trimmed leaves the copy behind.
    private bool IsStale(PartitionLog source, PartitionLog copy)
    {
        // A copy that the last run left behind has seen none of this run's truncations.
        bool isCut = _truncationsSeen.GetValueOrDefault(source.TopicPartition) != source.Truncations;
        _truncationsSeen[source.TopicPartition] = source.Truncations;
        return isCut || copy.LogEndOffset < source.LogStartOffset || copy.LogEndOffset > source.LogEndOffset;
    }

    private bool TryAppend(PartitionLog source, PartitionLog copy, out int copied)
    {
        LogSlice slice = source.Read(copy.LogEndOffset, ChunkBytes, source.LogEndOffset, atLeastOneBatch: true);
        using (slice.Lease)
        {
            if (slice.Status is ReadStatus.Corrupt or ReadStatus.Failed)
                throw new IOException($"{source.DirectoryPath} cannot be read at offset {copy.LogEndOffset}");
            copied = slice.Memory.Length;
            // Nothing, or out of range, means that the log was changed meanwhile: the next turn sees how.
            return copied == 0 || copy.AppendFromLeader(slice.Memory, NowMs).Error == ErrorCode.None;
        }
    }

    // Called while nobody can append.
    private PartitionLog? Promoted(PartitionLog source, PartitionLog copy)
    {
        while (copy.LogEndOffset < source.LogEndOffset)
        {
            if (!TryAppend(source, copy, out int copied) || copied == 0)
                return null;
        }

        LogDirectory target = logs.DirectoryOf(copy);
        return IsStale(source, copy) ? null : logs.Futures.Promote(source, target, NowMs);
    }
}
