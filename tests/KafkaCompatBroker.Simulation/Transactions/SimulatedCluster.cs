using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Simulation.Transactions;

/// <summary>
/// Producers, a coordinator and partitions in one thread: answers get lost, requests and markers come late and twice, coordinators and partitions are
/// killed at any step, appends fail. Everything follows from the seed.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>Acts of a history.</summary>
    public const int Acts = 1_500;

    // The longest timeout of a producer, a retry of the abort, a repetition of its markers, and a little more.
    private const int StuckAfterMs = SimulatedProducer.TimeoutMaxMs + 1_000 + 5_000 + 500;

    private readonly List<Action> _later = [];
    private readonly List<(ITestReply Reply, Action Then)> _waiting = [];
    private readonly HashSet<(ProducerClaim Producer, int CoordinatorEpoch, long DecidedMs)> _delivering = [];
    private readonly string[] _ids = ["a", "a", "b", "c"];
    private readonly SimulatedProducer[] _producers;
    private int _lastValue;

    /// <param name="seed">Everything follows from it.</param>
    /// <param name="bug">A bug that the run has on purpose.</param>
    /// <param name="killedInStep">The step of the coordinator in which it is killed, besides those that chance picks; 0 for none.</param>
    /// <param name="isKilledBehindTheLog">It is killed when the records of that step are in the log.</param>
    public SimulatedCluster(int seed, SeededBug bug, int killedInStep = 0, bool isKilledBehindTheLog = false)
    {
        Random = new Random(seed);
        Bug = bug;
        Run = new ShardRun(new TransactionSettings { ConcurrentWaitMs = 200, AbortIntervalMs = 500 })
        {
            AnswersWhatItLost = bug == SeededBug.AnswersBeforeTheLog,
            IgnoresDeadlines = bug == SeededBug.NobodyWatchesTheClock,
            KilledInStep = killedInStep,
            IsKilledBehindTheLog = isKilledBehindTheLog,
        };
        Partitions = [.. Enumerable.Range(0, 3).Select(_ => new SimulatedPartition(bug))];
        // Two producers share an id: one of them becomes a zombie again and again.
        _producers = [.. _ids.Select(NewProducer)];
    }

    public Random Random { get; }

    public SeededBug Bug { get; }

    public ShardRun Run { get; }

    public SimulatedPartition[] Partitions { get; }

    public List<SimulatedTransaction> Transactions { get; } = [];

    public int NextValue() => ++_lastValue;

    public void Later(Action action) => _later.Add(action);

    /// <summary>Gives an answer on when it is there; null when it is lost.</summary>
    public void When<TAnswer>(TestReply<TAnswer> reply, Action<TAnswer?> then)
        where TAnswer : class => _waiting.Add((reply, () => then(reply.IsLost ? null : reply.Response)));

    /// <summary>Runs the history; gives the first invariant that it breaks, null when it keeps all.</summary>
    public string? Play(int acts = Acts)
    {
        for (int act = 0; act < acts; act++)
        {
            int index = Random.Next(_producers.Length);
            if (_producers[index].IsFenced && Random.Next(10) == 0)
                _producers[index] = NewProducer(_ids[index]);
            _producers[index].Act();
            Disturb();
            Work(Random.Next(3));
        }

        Run.FailsToAppend = false;
        for (int waitedMs = 0; waitedMs < StuckAfterMs; waitedMs += 100)
        {
            Work(int.MaxValue);
            Run.Advance(100);
        }

        Work(int.MaxValue);
        return Problem();
    }

    private SimulatedProducer NewProducer(string id) => new(this, id, bumpsEpochs: Random.Next(2) == 0);

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
        if (Random.Next(2) == 0)
            Run.Reload();
        else
            Run.Kill();
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
            if (!Run.IgnoresMarkers && _delivering.Add((markers.Producer, markers.CoordinatorEpoch, markers.DecidedMs)))
                Deliver(markers);
        }

        foreach ((ITestReply Reply, Action Then) wait in _waiting.ToArray())
        {
            if (wait.Reply.IsSettled && _waiting.Remove(wait))
                wait.Then();
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
        // Nothing tells a second marker of version 1 from that of the next transaction but its coming in time.
        if (Random.Next(5) == 0 && markers.TransactionVersion >= TransactionState.EpochBumpVersion)
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

        if (left.Remove(partition) && (left.Count == 0 || Bug == SeededBug.CompletesTooEarly))
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
            _delivering.Remove((markers.Producer, markers.CoordinatorEpoch, markers.DecidedMs));
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
            if (transaction.Outcome == true && seen == 0)
                return $"loss: no record of a committed transaction of {transaction.Values.Count}";
            if (seen > 0 && (transaction.Outcome == false || !transaction.HasAskedForCommit))
                return $"aborted: {seen} records of a transaction that was never committed";
            if (seen > 0 && seen < transaction.Values.Count)
                return $"torn: {seen} of {transaction.Values.Count} records of a transaction";
        }

        return null;
    }
}
