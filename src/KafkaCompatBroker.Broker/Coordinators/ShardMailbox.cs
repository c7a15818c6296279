using System.Collections.Concurrent;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// Runs what is posted one by one and in order, without a thread of its own: whoever posts into an empty mailbox runs it, others only leave
/// their work there. After a number of works the rest moves to the pool, so that no socket callback serves others for long.
/// </summary>
/// <param name="ran">Called after each work that did not throw, before the next one.</param>
/// <param name="failed">Told of a work that threw; the mailbox goes on.</param>
internal sealed class ShardMailbox(Action ran, Action<Exception> failed) : IThreadPoolWorkItem
{
    private const int WorksAtOnceMax = 64;

    private readonly ConcurrentQueue<IShardWork> _works = new();
    private int _count;

    /// <summary>Whether more waits behind the work that runs; asked from inside it.</summary>
    public bool HasMore => Volatile.Read(ref _count) > 1;

    /// <summary>Posts work.</summary>
    /// <param name="work">Must not block.</param>
    /// <param name="mayRunHere">False on threads that everybody waits for: the timers' and the metadata publisher's.</param>
    public void Post(IShardWork work, bool mayRunHere)
    {
        // An empty mailbox is the usual case, and then the work need not go through the queue.
        if (mayRunHere && Interlocked.CompareExchange(ref _count, 1, 0) == 0)
        {
            Run(work);
            if (Interlocked.Decrement(ref _count) != 0)
                Execute();
            return;
        }

        _works.Enqueue(work);
        if (Interlocked.Increment(ref _count) != 1)
            return;

        if (mayRunHere)
            Execute();
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        for (int count = 0; count < WorksAtOnceMax; count++)
        {
            if (!_works.TryDequeue(out IShardWork? work))
                throw new InvalidOperationException("The mailbox counts more works than it holds.");

            Run(work);
            if (Interlocked.Decrement(ref _count) == 0)
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Run(IShardWork work)
    {
        try
        {
            work.Run();
            ran();
        }
        catch (Exception cause)
        {
            // Shell loop: what fails costs one shard a reload, never the broker.
            failed(cause);
        }
    }
}
