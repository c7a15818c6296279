using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// Log directories that failed, on their way to the controller (KIP-858): heartbeats name them until the node stops. A controller that cannot be told
/// within log.dir.failure.timeout.ms would let clients wait for replicas that nobody can read, and a broker without a directory is none: the node ends then.
/// </summary>
public sealed class DirectoryFailures
{
    private readonly LogStore _logs;
    private readonly IReadOnlyList<string> _dataDirectories;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _giveUp;
    private readonly Lock _lock = new();
    private readonly HashSet<Uuid> _told = [];
    private long? _untoldSince;
    private TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="logs">The directories.</param>
    /// <param name="dataDirectories">Those of log.dirs; the metadata log may have one of its own beside them.</param>
    /// <param name="timeout">log.dir.failure.timeout.ms.</param>
    /// <param name="time">The clock.</param>
    /// <param name="giveUp">Ends the node; may be called more than once.</param>
    public DirectoryFailures(LogStore logs, IReadOnlyList<string> dataDirectories, TimeSpan timeout, TimeProvider time, Action<Exception> giveUp)
    {
        (_logs, _dataDirectories, _timeout, _time, _giveUp) = (logs, dataDirectories, timeout, time, giveUp);
        logs.DirectoryFailed += OnFailed;
    }

    /// <summary>Completes when another directory fails.</summary>
    public Task Next
    {
        get
        {
            lock (_lock) return _failed.Task;
        }
    }

    /// <summary>Ids of the directories that failed; those that failed before they could be identified have none.</summary>
    public IReadOnlyList<Uuid> Ids => [.. _logs.Directories.Where(static directory => directory.IsOffline && directory.Id != Uuid.Zero).Select(static directory => directory.Id)];

    /// <summary>Says what the controller knows now, null when it could not be told anything.</summary>
    public void Told(IReadOnlyList<Uuid>? ids)
    {
        lock (_lock)
        {
            if (ids is not null) _told.UnionWith(ids);
            if (Ids.All(_told.Contains)) _untoldSince = null;
            else if (_untoldSince is not { } since) _untoldSince = _time.GetTimestamp();
            else if (_time.GetElapsedTime(since) >= _timeout) _giveUp(new TimeoutException($"No controller could be told within {_timeout.TotalMilliseconds} ms that a log directory failed."));
        }
    }

    private void OnFailed()
    {
        TaskCompletionSource failed;
        lock (_lock)
        {
            _untoldSince ??= _time.GetTimestamp();
            (failed, _failed) = (_failed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        failed.TrySetResult();
        LogDirectory[] data = [.. _logs.Directories.Where(directory => _dataDirectories.Contains(directory.Path))];
        if (data.All(static directory => directory.IsOffline)) _giveUp(data[0].Failure!);
    }
}
