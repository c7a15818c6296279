using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Coordination.Tests.Transactions.Simulation;

/// <summary>
/// A transactional producer by the rules of real ones: it commits only what was acknowledged, repeats requests whose answers are lost, starts over
/// after an error, stops for good when it is fenced. Its requests may arrive a second time, much later.
/// </summary>
internal sealed class SimulatedProducer(SimulatedCluster cluster, string transactionalId)
{
    private readonly Random _random = cluster.Random;
    private ProducerClaim? _claim;
    private Dictionary<int, int> _sequences = [];
    private SimulatedTransaction? _transaction;
    private Action? _asking;

    /// <summary>Another producer took the id over.</summary>
    public bool IsFenced { get; private set; }

    public void Act()
    {
        if (_asking is { } asking)
            asking();
        else if (IsFenced)
            return;
        else if (_random.Next(60) == 0)
            StartOver();
        else if (_claim is not { } claim)
            Init();
        else if (_transaction is not { } transaction)
            Begin();
        else if (transaction.Unwritten.Count > 0)
            Write(claim, transaction, transaction.Unwritten.Peek());
        else
            End(claim, transaction);
    }

    /// <summary>The process dies; its successor knows nothing.</summary>
    private void StartOver()
    {
        _claim = null;
        _transaction = null;
        _asking = null;
    }

    private void Init()
    {
        TestReply<ProducerAnswer> reply = cluster.Run.Init(transactionalId, timeoutMs: _random.Next(1_000, 6_000));
        Await(reply, answer =>
        {
            if (answer.Error == ErrorCode.None)
                Use(answer);
        });
    }

    private void Begin()
    {
        _transaction = new SimulatedTransaction();
        for (int i = _random.Next(1, 5); i > 0; i--)
            _transaction.Unwritten.Enqueue((_random.Next(cluster.Partitions.Length), cluster.NextValue()));
        cluster.Transactions.Add(_transaction);
    }

    private void Write(ProducerClaim claim, SimulatedTransaction transaction, (int Partition, int Value) record)
    {
        int sequence = _sequences.GetValueOrDefault(record.Partition);
        if (_random.Next(10) == 0)
            cluster.Later(() => Produce(claim, record, sequence, static _ => { }));
        transaction.Values.Add((record.Partition, record.Value));
        if (_random.Next(15) == 0)
            return;

        bool isLost = _random.Next(15) == 0;
        _asking = () =>
        {
            if (_random.Next(100) == 0)
                _asking = null;
        };
        Produce(claim, record, sequence, outcome =>
        {
            // Who has given up waiting has tried again.
            if (_transaction != transaction || !transaction.Unwritten.TryPeek(out (int Partition, int Value) awaited) || awaited != record)
                return;
            _asking = null;
            if (isLost)
                return;
            if (outcome is ProducerVerdict.Accepted or ProducerVerdict.Duplicate)
            {
                transaction.Unwritten.Dequeue();
                _sequences[record.Partition] = sequence + 1;
            }
            else if (outcome is ProducerVerdict.StaleEpoch)
            {
                IsFenced = true;
            }
            else if (outcome is not null)
            {
                StartOver();
            }
        });
    }

    /// <summary>The whole path of a Produce; null tells the client to try again.</summary>
    private void Produce(ProducerClaim claim, (int Partition, int Value) record, int sequence, Action<ProducerVerdict?> done)
    {
        SimulatedPartition partition = cluster.Partitions[record.Partition];
        VerificationGuard? guard = partition.BeginVerification(claim, sequence, startsAtZero: true);
        if (guard is null || cluster.Bug == SeededBug.NobodyVerifies)
        {
            done(partition.Append(claim, sequence, record.Value, guard));
            return;
        }

        TestReply<ProducerAnswer> reply = cluster.Run.Add(claim, 2, new TopicPartition("t", record.Partition));
        cluster.When(reply, answer =>
        {
            if (answer is null || answer.Error is ErrorCode.ConcurrentTransactions or ErrorCode.NotCoordinator)
                done(null);
            else if (answer.Error != ErrorCode.None)
                done(answer.Error == ErrorCode.ProducerFenced ? ProducerVerdict.StaleEpoch : ProducerVerdict.NotVerified);
            else
                cluster.Later(() => done(partition.Append(claim, sequence, record.Value, guard)));
        });
    }

    private void End(ProducerClaim claim, SimulatedTransaction transaction)
    {
        transaction.IsCommit ??= _random.Next(3) > 0;
        bool isCommit = transaction.IsCommit.Value;
        transaction.HasAskedForCommit |= isCommit;
        if (_random.Next(8) == 0)
            cluster.Later(() => cluster.Run.End(claim, isCommit, bumpsEpoch: true));
        bool isLost = _random.Next(8) == 0;
        Await(cluster.Run.End(claim, isCommit, bumpsEpoch: true), answer =>
        {
            if (isLost || answer.Error is ErrorCode.ConcurrentTransactions or ErrorCode.NotCoordinator)
                return;

            if (answer.Error == ErrorCode.None)
            {
                transaction.Outcome = isCommit;
                Use(answer);
            }
            else
            {
                IsFenced = answer.Error == ErrorCode.ProducerFenced;
                StartOver();
            }
        });
    }

    private void Use(ProducerAnswer answer)
    {
        _claim = new ProducerClaim(transactionalId, answer.ProducerId, answer.ProducerEpoch);
        _sequences = [];
        _transaction = null;
    }

    /// <summary>Does nothing else until the answer is there; an answer that the coordinator lost is no answer.</summary>
    private void Await(TestReply<ProducerAnswer> reply, Action<ProducerAnswer> then) => _asking = () =>
    {
        if (reply.Response is not { } answer)
            return;

        _asking = null;
        if (!reply.IsLost)
            then(answer);
    };
}

/// <summary>What one producer tried to write in one transaction, and what it was told.</summary>
internal sealed class SimulatedTransaction
{
    public Queue<(int Partition, int Value)> Unwritten { get; } = new();

    public HashSet<(int Partition, int Value)> Values { get; } = [];

    public bool? IsCommit { get; set; }

    public bool HasAskedForCommit { get; set; }

    /// <summary>True: commit acknowledged; false: abort acknowledged; null: not known.</summary>
    public bool? Outcome { get; set; }
}
