using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Storage.Policies;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Transactions.Simulation;

/// <summary>
/// Producers, a coordinator and partitions in one thread: answers get lost, requests and markers come late and twice, coordinators and partitions are
/// killed at any step, appends fail. Everything follows from the seed.
/// </summary>
internal sealed class SimulatedCluster
{
    private const int Steps = 1_500;

    private readonly List<Action> _later = [];
    private readonly List<(TestReply<ProducerAnswer> Reply, Action<ProducerAnswer?> Then)> _waiting = [];
    private readonly HashSet<(ProducerClaim Producer, int CoordinatorEpoch)> _delivering = [];
    private readonly SimulatedProducer[] _producers;
    private int _lastValue;

    public SimulatedCluster(int seed, SeededBug bug)
    {
        Random = new Random(seed);
        Bug = bug;
        Run = new ShardRun(new TransactionSettings { ConcurrentWaitMs = 200, AbortIntervalMs = 500 }) { AnswersWhatItLost = bug == SeededBug.AnswersBeforeTheLog };
        Partitions = [.. Enumerable.Range(0, 3).Select(_ => new SimulatedPartition(bug))];
        // Two producers share an id: one of them becomes a zombie again and again.
        _producers = [new(this, "a"), new(this, "a"), new(this, "b"), new(this, "c")];
    }

    public Random Random { get; }

    public SeededBug Bug { get; }

    public ShardRun Run { get; }

    public SimulatedPartition[] Partitions { get; }

    public List<SimulatedTransaction> Transactions { get; } = [];

    public int NextValue() => ++_lastValue;

    public void Later(Action action) => _later.Add(action);

    public void When(TestReply<ProducerAnswer> reply, Action<ProducerAnswer?> then) => _waiting.Add((reply, then));

    /// <summary>Runs the history; gives the first invariant that it breaks, null when it keeps all.</summary>
    public string? Play()
    {
        for (int step = 0; step < Steps; step++)
        {
            int index = Random.Next(_producers.Length);
            if (_producers[index].IsFenced && Random.Next(10) == 0)
                _producers[index] = new SimulatedProducer(this, index < 2 ? "a" : index == 2 ? "b" : "c");
            _producers[index].Act();
            Disturb();
            Work(Random.Next(3));
        }

        Run.FailsToAppend = false;
        for (int step = 0; step < 200; step++)
        {
            Work(int.MaxValue);
            Run.Advance(200);
        }

        return Problem();
    }

    private void Disturb()
    {
        Run.FailsToAppend = Random.Next(40) == 0;
        if (Random.Next(120) == 0)
            Reload();
        if (Random.Next(150) == 0)
            Partitions[Random.Next(Partitions.Length)].Restart();
        Run.Advance(Random.Next(100) == 0 ? 3_000 : Random.Next(30));
    }

    private void Reload()
    {
        Run.FailsToAppend = false;
        Run.Reload();
        if (Bug == SeededBug.ForgetsPrepared)
        {
            Run.Markers.Clear();
            Run.IgnoresMarkers = true;
        }
    }

    private void Work(int count)
    {
        while (Run.Markers.TryDequeue(out WriteMarkers? markers))
        {
            if (!Run.IgnoresMarkers && _delivering.Add((markers.Producer, markers.CoordinatorEpoch)))
                Deliver(markers);
        }

        foreach ((TestReply<ProducerAnswer> Reply, Action<ProducerAnswer?> Then) wait in _waiting.ToArray())
        {
            if (wait.Reply.Response is { } answer && _waiting.Remove(wait))
                wait.Then(wait.Reply.IsLost ? null : answer);
        }

        for (; count > 0 && _later.Count > 0; count--)
        {
            int at = Random.Next(_later.Count);
            Action action = _later[at];
            _later.RemoveAt(at);
            action();
        }
    }

    private void Deliver(WriteMarkers markers)
    {
        HashSet<int> left = [.. markers.Partitions.Select(static partition => partition.Partition)];
        foreach (int partition in left.ToArray())
            Send(markers, partition, left);
    }

    private void Send(WriteMarkers markers, int partition, HashSet<int> left) => Later(() =>
    {
        if (Random.Next(5) == 0)
            Later(() => Partitions[partition].Mark(markers));
        ProducerVerdict verdict = Partitions[partition].Mark(markers);
        if (verdict == ProducerVerdict.StaleCoordinator)
            return;
        if (Random.Next(6) == 0)
        {
            // The answer is lost: the same again.
            Send(markers, partition, left);
            return;
        }

        if (left.Remove(partition) && left.Count == 0)
            Finish(markers);
    });

    private void Finish(WriteMarkers markers)
    {
        if (markers.CoordinatorEpoch != Run.CoordinatorEpoch)
            return;

        TestReply<ProducerAnswer> reply = Run.Written(markers);
        if (reply.IsLost)
            Later(() => Finish(markers));
        else
            _delivering.Remove((markers.Producer, markers.CoordinatorEpoch));
    }

    private string? Problem()
    {
        HashSet<(int, int)> visible = [];
        for (int index = 0; index < Partitions.Length; index++)
        {
            foreach (int value in Partitions[index].Committed())
            {
                if (!visible.Add((index, value)))
                    return $"duplicate: value {value} twice in partition {index}";
            }

            if (Partitions[index].FirstUnstableOffset >= 0)
                return $"stuck: partition {index} has an open transaction at {Partitions[index].FirstUnstableOffset}";
        }

        foreach (SimulatedTransaction transaction in Transactions)
        {
            int seen = transaction.Values.Count(visible.Contains);
            if (transaction.Outcome == true && seen < transaction.Values.Count)
                return $"loss: {seen} of {transaction.Values.Count} records of a committed transaction";
            if (seen > 0 && (transaction.Outcome == false || !transaction.HasAskedForCommit))
                return $"aborted: {seen} records of a transaction that was never committed";
            if (seen > 0 && seen < transaction.Values.Count)
                return $"torn: {seen} of {transaction.Values.Count} records of a transaction";
        }

        return null;
    }
}
