using System.Collections.Concurrent;
using KafkaCompatBroker.Broker.Coordinators;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Coordinators;

public sealed class TimerQueueTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualClock _clock = new();
    private readonly BlockingCollection<int> _due = [];
    private readonly TimerQueue _timers;

    public TimerQueueTests() => _timers = new TimerQueue(_clock);

    public void Dispose()
    {
        _timers.Dispose();
        _due.Dispose();
    }

    [Fact]
    public void Deadlines_run_in_their_order()
    {
        _timers.Add(Entry(3), 3);
        _timers.Add(Entry(1), 1);
        _timers.Add(Entry(2), 2);
        _clock.NowMs = 3;

        Assert.Equal([1, 2, 3], Take(3));
        Assert.Equal(0, _timers.Count);
    }

    [Fact]
    public void Deadline_that_is_earlier_than_the_one_waited_for_runs_first()
    {
        _timers.Add(Entry(1), 3_600_000);
        _timers.Add(Entry(2), 0);

        Assert.Equal([2], Take(1));
    }

    [Fact]
    public void Cancelled_deadline_does_not_run_and_leaves_nothing()
    {
        TimerEntry cancelled = Entry(1);
        _timers.Add(cancelled, 1);
        Assert.True(_timers.Cancel(cancelled));
        Assert.False(_timers.Cancel(cancelled));
        Assert.Equal(0, _timers.Count);

        _timers.Add(Entry(2), 2);
        _clock.NowMs = 5;

        Assert.Equal([2], Take(1));
    }

    [Fact]
    public void Many_deadlines_cancelled_in_any_order_keep_the_rest_in_order()
    {
        Random random = new(7);
        Recorder[] entries = [.. Enumerable.Range(0, 200).Select(Entry)];
        foreach (int index in Enumerable.Range(0, 200).OrderBy(_ => random.Next()))
            _timers.Add(entries[index], index + 1);
        int[] cancelled = [.. Enumerable.Range(0, 200).OrderBy(_ => random.Next()).Take(150)];
        foreach (int index in cancelled)
            Assert.True(_timers.Cancel(entries[index]));
        _clock.NowMs = 1000;

        Assert.Equal(Enumerable.Range(0, 200).Except(cancelled), Take(50));
    }

    [Fact]
    public void Entry_may_be_queued_again_after_it_ran()
    {
        Recorder entry = Entry(1);
        _timers.Add(entry, 0);
        Take(1);

        _timers.Add(entry, 0);

        Assert.Equal([1], Take(1));
    }

    [Fact]
    public void Entry_cannot_be_queued_twice()
    {
        Recorder entry = Entry(1);
        _timers.Add(entry, 3_600_000);

        Assert.Throws<InvalidOperationException>(() => _timers.Add(entry, 1));
    }

    private Recorder Entry(int id) => new(id, _due);

    private List<int> Take(int count)
    {
        List<int> taken = [];
        while (taken.Count < count)
        {
            Assert.True(_due.TryTake(out int id, Patience));
            taken.Add(id);
        }

        return taken;
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _nowMs;

        public long NowMs
        {
            set => Volatile.Write(ref _nowMs, value);
        }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Volatile.Read(ref _nowMs);
    }

    private sealed class Recorder(int id, BlockingCollection<int> due) : TimerEntry
    {
        protected internal override void OnDue() => due.Add(id);
    }
}
