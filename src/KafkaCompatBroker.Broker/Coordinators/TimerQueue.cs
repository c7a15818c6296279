namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// All deadlines of a broker on one thread: no timer object a request, a member or a connection. A binary heap whose entries know
/// their place, so that the usual case, a deadline that is cancelled long before it is due, leaves nothing behind.
/// </summary>
public sealed class TimerQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _earlier = new(0);
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private TimerEntry[] _heap = new TimerEntry[16];
    private int _count;
    private long _wakeMs = long.MaxValue;
    private volatile bool _isStopped;

    public TimerQueue(TimeProvider time)
    {
        _time = time;
        _thread = new Thread(Run) { IsBackground = true, Name = "timers" };
        _thread.Start();
    }

    /// <summary>Monotonic time in milliseconds; deadlines are given in it.</summary>
    public long NowMs => _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    /// <summary>Number of deadlines that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _count;
        }
    }

    /// <summary>Queues a deadline <paramref name="delayMs"/> milliseconds from now.</summary>
    public void Add(TimerEntry entry, long delayMs)
    {
        bool mustWake;
        long dueMs = NowMs + Math.Max(delayMs, 0);
        lock (_lock)
        {
            if (entry.Position != TimerEntry.NotQueued)
                throw new InvalidOperationException("The entry has a deadline already.");

            entry.DueMs = dueMs;
            if (_count == _heap.Length)
                Array.Resize(ref _heap, _count * 2);
            Place(entry, _count++);
            SiftUp(entry.Position);
            mustWake = dueMs < _wakeMs;
            if (mustWake)
                _wakeMs = dueMs;
        }

        if (mustWake)
            _earlier.Release();
    }

    /// <summary>Takes a deadline out. False when it was not queued: it has run, is running, or was never added.</summary>
    public bool Cancel(TimerEntry entry)
    {
        lock (_lock)
        {
            if (entry.Position == TimerEntry.NotQueued)
                return false;

            RemoveAt(entry.Position);
            return true;
        }
    }

    /// <summary>Stops the thread; deadlines that still wait never run.</summary>
    public void Dispose()
    {
        if (_isStopped)
            return;

        _isStopped = true;
        _earlier.Release();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        _earlier.Dispose();
    }

    private void Run()
    {
        while (!_isStopped)
        {
            TimerEntry? due = TakeDue(out int waitMs);
            if (due is not null)
                due.OnDue();
            else
                _earlier.Wait(waitMs);
        }
    }

    private TimerEntry? TakeDue(out int waitMs)
    {
        lock (_lock)
        {
            waitMs = Timeout.Infinite;
            _wakeMs = long.MaxValue;
            if (_count == 0)
                return null;

            TimerEntry first = _heap[0];
            long leftMs = first.DueMs - NowMs;
            if (leftMs <= 0)
            {
                RemoveAt(0);
                return first;
            }

            _wakeMs = first.DueMs;
            waitMs = (int)Math.Min(leftMs, int.MaxValue);
            return null;
        }
    }

    private void RemoveAt(int position)
    {
        TimerEntry removed = _heap[position];
        TimerEntry last = _heap[--_count];
        _heap[_count] = null!;
        removed.Position = TimerEntry.NotQueued;
        if (ReferenceEquals(removed, last))
            return;

        Place(last, position);
        SiftDown(position);
        SiftUp(last.Position);
    }

    private void SiftUp(int position)
    {
        TimerEntry entry = _heap[position];
        while (position > 0)
        {
            int parent = (position - 1) / 2;
            if (_heap[parent].DueMs <= entry.DueMs)
                break;

            Place(_heap[parent], position);
            position = parent;
        }

        Place(entry, position);
    }

    private void SiftDown(int position)
    {
        TimerEntry entry = _heap[position];
        while (true)
        {
            int child = (position * 2) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _heap[child + 1].DueMs < _heap[child].DueMs)
                child++;
            if (_heap[child].DueMs >= entry.DueMs)
                break;

            Place(_heap[child], position);
            position = child;
        }

        Place(entry, position);
    }

    private void Place(TimerEntry entry, int position)
    {
        _heap[position] = entry;
        entry.Position = position;
    }
}
