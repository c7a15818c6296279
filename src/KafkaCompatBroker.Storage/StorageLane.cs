using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// The background thread of one log directory. What is posted is few and small (one roll, one preparation, one epoch file at a time for each log), so the
/// queue has no bound; posting never blocks.
/// </summary>
internal sealed class StorageLane : IStorageLane, IDisposable
{
    private readonly Queue<Action> _queue = new();
    private readonly Thread _thread;
    private readonly string _directory;
    private readonly ILogger _logger;
    private bool _stopping;

    public StorageLane(string directory, ILogger logger)
    {
        _directory = directory;
        _logger = logger;
        _thread = new Thread(Work) { IsBackground = true, Name = "storage " + Path.GetFileName(directory) };
        _thread.Start();
    }

    public void Post(Action work)
    {
        lock (_queue)
        {
            if (!_stopping)
            {
                _queue.Enqueue(work);
                Monitor.Pulse(_queue);
            }
        }
    }

    /// <summary>Does what was posted, then ends.</summary>
    public void Dispose()
    {
        lock (_queue)
        {
            _stopping = true;
            Monitor.Pulse(_queue);
        }

        _thread.Join();
    }

    private void Work()
    {
        while (TryTake(out Action? work))
        {
            try
            {
                work();
            }
            catch (ObjectDisposedException closed)
            {
                // The log was closed under its background work. Anything else is a broken invariant and ends the process.
                StorageLog.LaneFailed(_logger, _directory, closed);
            }
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action? work)
    {
        lock (_queue)
        {
            while (!_queue.TryDequeue(out work))
            {
                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_queue);
            }

            return true;
        }
    }
}
