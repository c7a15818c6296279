using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Tests.Groups;

public sealed class DeadlineQueueTests
{
    private readonly DeadlineQueue _queue = new();
    private readonly List<string> _reached = [];

    [Fact]
    public void Runs_in_the_order_of_time()
    {
        Make("late", 20);
        Make("early", 10);
        Run(20);
        Assert.Equal(["early", "late"], _reached);
        Assert.Equal(Deadline.Never, _queue.NextMs());
    }

    [Fact]
    public void A_deadline_that_moves_later_runs_once_and_late()
    {
        Deadline deadline = Make("a", 10);
        deadline.Set(30);
        Run(20);
        Assert.Empty(_reached);
        Assert.Equal(30, _queue.NextMs());
        Run(30);
        Run(40);
        Assert.Equal(["a"], _reached);
    }

    [Fact]
    public void A_deadline_that_moves_earlier_runs_once_and_early()
    {
        Deadline deadline = Make("a", 30);
        deadline.Set(10);
        Assert.Equal(10, _queue.NextMs());
        Run(10);
        deadline.Set(30);
        Run(30);
        Run(31);
        Assert.Equal(["a", "a"], _reached);
    }

    [Fact]
    public void A_cancelled_deadline_never_runs()
    {
        Make("a", 10).Cancel();
        Run(10);
        Assert.Empty(_reached);
        Assert.Equal(Deadline.Never, _queue.NextMs());
    }

    [Fact]
    public void One_that_an_earlier_one_cancels_or_moves_does_not_run()
    {
        Deadline? moved = null;
        Deadline? cancelled = null;
        _queue.Make(_ =>
        {
            moved!.Set(50);
            cancelled!.Cancel();
        }).Set(5);
        moved = Make("moved", 10);
        cancelled = Make("cancelled", 10);
        Run(10);
        Assert.Empty(_reached);
        Run(50);
        Assert.Equal(["moved"], _reached);
    }

    [Fact]
    public void Heartbeats_ask_for_few_looks()
    {
        const int SessionMs = 45_000;
        Deadline[] sessions = [.. Enumerable.Range(0, 300).Select(_ => _queue.Make(_ => _reached.Add("fenced")))];
        int looks = 0;
        for (long nowMs = 0; nowMs < 10 * SessionMs; nowMs += 10)
        {
            // Each every three seconds, evenly spread.
            sessions[nowMs / 10 % sessions.Length].Set(nowMs + SessionMs);
            if (_queue.NextMs() > nowMs) continue;
            looks++;
            Run(nowMs);
        }

        Assert.Empty(_reached);
        Assert.InRange(looks, 1, 10 * SessionMs / 1_000);
    }

    [Fact]
    public void Any_sequence_of_moves_runs_each_deadline_when_it_is_due()
    {
        var random = new Random(7);
        var due = new Dictionary<int, long>();
        var deadlines = new Deadline[20];
        for (int i = 0; i < deadlines.Length; i++)
        {
            int index = i;
            deadlines[i] = _queue.Make(step =>
            {
                Assert.True(due.Remove(index, out long dueMs));
                Assert.True(dueMs <= step.NowMs);
            });
        }

        for (long nowMs = 0; nowMs < 20_000; nowMs++)
        {
            int index = random.Next(deadlines.Length);
            if (random.Next(5) == 0)
            {
                deadlines[index].Cancel();
                due.Remove(index);
            }
            else
            {
                due[index] = nowMs + 1 + random.Next(100);
                deadlines[index].Set(due[index]);
            }

            Assert.True(_queue.NextMs() <= (due.Count == 0 ? Deadline.Never : due.Values.Min()));
            Run(nowMs);
            Assert.True(_queue.NextMs() > nowMs);
            Assert.DoesNotContain(due.Values, dueMs => dueMs <= nowMs);
        }
    }

    private Deadline Make(string name, long dueMs)
    {
        Deadline deadline = _queue.Make(_ => _reached.Add(name));
        deadline.Set(dueMs);
        return deadline;
    }

    private void Run(long nowMs) => _queue.Run(new ShardStep(nowMs, 0));
}
