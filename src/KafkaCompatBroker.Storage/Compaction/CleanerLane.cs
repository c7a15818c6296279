namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>The thread that keeps compacted logs small; while there is work, as many as log.cleaner.threads says.</summary>
internal sealed class CleanerLane : IDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly Func<CleanerOptions> _options;
    private readonly Func<CleanerOptions, bool> _cleanNext;
    private readonly Thread _thread;

    /// <summary>Starts at once.</summary>
    /// <param name="options">The properties in force.</param>
    /// <param name="cleanNext">Does one round on one log; false when none is due.</param>
    /// <param name="stopping">Cancelled when the lane is disposed; the rounds look at it.</param>
    public CleanerLane(Func<CleanerOptions> options, Func<CleanerOptions, bool> cleanNext, CancellationTokenSource stopping)
    {
        _stopping = stopping;
        _options = options;
        _cleanNext = cleanNext;
        _thread = new Thread(Work) { IsBackground = true, Name = "cleaner" };
        _thread.Start();
    }

    /// <summary>Ends the rounds that are under way; what they have not exchanged yet is thrown away.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _thread.Join();
        _stopping.Dispose();
    }

    private void Work()
    {
        CleanerOptions options;
        do
        {
            options = _options();
            if (options.IsEnabled && options.Threads > 0)
            {
                Thread[] others = [.. Enumerable.Range(1, options.Threads - 1).Select(_ => new Thread(() => CleanAll(options)) { IsBackground = true, Name = "cleaner" })];
                Array.ForEach(others, thread => thread.Start());
                CleanAll(options);
                Array.ForEach(others, thread => thread.Join());
            }
        }
        while (!_stopping.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(options.BackoffMs)));
    }

    private void CleanAll(CleanerOptions options)
    {
        try
        {
            while (!_stopping.IsCancellationRequested && _cleanNext(options))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The broker stops; the log is as it was.
        }
    }
}
