using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Simulation.Transactions;

/// <summary>
/// A transactional producer by the rules of real ones: it commits only what was acknowledged, repeats requests whose answers are lost, starts over
/// after an error, stops for good when it is fenced. Its requests may arrive a second time, much later.
/// One of version 2 takes a new epoch with every transaction; one of version 1 adds its partitions itself and keeps its epoch, so that it has to rely
/// on its EndTxn not coming again in its next transaction: what KIP-890 found, and could mend for version 2 only.
/// </summary>
internal sealed class SimulatedProducer(SimulatedCluster cluster, string transactionalId, bool bumpsEpochs)
{
    /// <summary>No producer asks for a longer timeout, in milliseconds.</summary>
    public const int TimeoutMaxMs = 6_000;

    private readonly HashSet<int> _added = [];
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
        else if (transaction.Unwritten.TryPeek(out (int Partition, int Value) record))
            AddOrWrite(claim, transaction, record);
        else
            End(claim, transaction);
    }

    private static bool IsPassing(ErrorCode error) => error is ErrorCode.ConcurrentTransactions or ErrorCode.NotCoordinator;

    /// <summary>The process dies; its successor knows nothing.</summary>
    private void StartOver()
    {
        _claim = null;
        _transaction = null;
        _asking = null;
        _added.Clear();
    }

    private void Init()
    {
        TestReply<ProducerAnswer> reply = cluster.Run.Init(transactionalId, timeoutMs: _random.Next(1_000, TimeoutMaxMs));
        Await(reply, answer =>
        {
            if (answer.Error != ErrorCode.None)
                return;
            _sequences = [];
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

    private void AddOrWrite(ProducerClaim claim, SimulatedTransaction transaction, (int Partition, int Value) record)
    {
        if (bumpsEpochs || _added.Contains(record.Partition))
        {
            Write(claim, transaction, record);
            return;
        }

        Await(cluster.Run.Add(claim, 0, new TopicPartition("t", record.Partition)), answer =>
        {
            if (answer.Error == ErrorCode.None)
                _added.Add(record.Partition);
            else if (!IsPassing(answer.Error))
                Refused(answer.Error);
        });
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
        VerificationGuard? guard = partition.BeginVerification(claim, sequence, startsAtZero: bumpsEpochs);
        if (guard is null || cluster.Bug == SeededBug.NobodyVerifies)
        {
            done(partition.Append(claim, sequence, record.Value, guard));
            return;
        }

        TopicPartition name = new("t", record.Partition);
        void Verified(ErrorCode? error)
        {
            if (error is null || IsPassing(error.Value))
                done(null);
            else if (error != ErrorCode.None)
                done(error == ErrorCode.ProducerFenced ? ProducerVerdict.StaleEpoch : ProducerVerdict.NotVerified);
            else
                cluster.Later(() => done(partition.Append(claim, sequence, record.Value, guard)));
        }

        if (bumpsEpochs)
            cluster.When(cluster.Run.Add(claim, 2, name), answer => Verified(answer?.Error));
        else
            cluster.When(cluster.Run.Verify(claim, name), answer => Verified(answer is { Missing.Count: > 0 } ? ErrorCode.TransactionAbortable : answer?.Error));
    }

    private void End(ProducerClaim claim, SimulatedTransaction transaction)
    {
        transaction.IsCommit ??= _random.Next(3) > 0;
        bool isCommit = transaction.IsCommit.Value;
        transaction.HasAskedForCommit |= isCommit;
        if (_random.Next(8) == 0)
            EndAgain(claim, isCommit);
        bool isLost = _random.Next(8) == 0;
        Await(cluster.Run.End(claim, isCommit, bumpsEpochs), answer =>
        {
            if (isLost || IsPassing(answer.Error))
                return;

            if (answer.Error == ErrorCode.None)
            {
                transaction.Outcome = isCommit;
                Use(answer);
            }
            else
            {
                Refused(answer.Error);
            }
        });
    }

    private void EndAgain(ProducerClaim claim, bool isCommit)
    {
        if (bumpsEpochs)
            cluster.Later(() => cluster.Run.End(claim, isCommit, bumpsEpoch: true));
        else
            cluster.Run.End(claim, isCommit, bumpsEpoch: false);
    }

    private void Refused(ErrorCode error)
    {
        IsFenced = error == ErrorCode.ProducerFenced;
        StartOver();
    }

    private void Use(ProducerAnswer answer)
    {
        ProducerClaim next = new(transactionalId, answer.ProducerId, answer.ProducerEpoch);
        if (_claim != next)
            _sequences = [];
        _claim = next;
        _transaction = null;
        _added.Clear();
    }

    /// <summary>Does nothing else until the answer is there; an answer that the coordinator lost is no answer.</summary>
    private void Await(TestReply<ProducerAnswer> reply, Action<ProducerAnswer> then) => _asking = () =>
    {
        if (!reply.IsSettled)
            return;

        _asking = null;
        if (!reply.IsLost)
            then(reply.Response!);
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
