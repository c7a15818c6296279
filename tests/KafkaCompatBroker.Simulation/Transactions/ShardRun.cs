using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Simulation.Transactions;

/// <summary>A shard with its log and its clock, in the place of the shell: records go through their bytes, so a reload sees what a disk would hold.</summary>
internal sealed class ShardRun
{
    private readonly List<(byte[] Key, byte[]? Value)> _log = [];
    private readonly List<Reply> _unanswered = [];
    private readonly MetadataImage _image;

    public ShardRun(TransactionSettings? settings = null, short transactionVersion = 2)
    {
        Settings = settings ?? new TransactionSettings();
        _image = MetadataImage.Empty with { Features = MetadataImage.Empty.Features.Add(FeatureNames.Transaction, transactionVersion) };
        Shard = Load();
    }

    public TransactionShard Shard { get; private set; }

    public TransactionSettings Settings { get; set; }

    public long NowMs { get; set; } = 1_000_000;

    public long WallClockMs => NowMs + 1_700_000_000_000;

    public int CoordinatorEpoch { get; private set; }

    public bool FailsToAppend { get; set; }

    /// <summary>A shell with a bug: it answers although the append failed.</summary>
    public bool AnswersWhatItLost { get; init; }

    /// <summary>A shell with a bug: it carries no markers out.</summary>
    public bool IgnoresMarkers { get; set; }

    /// <summary>A shell with a bug: no deadline ever comes.</summary>
    public bool IgnoresDeadlines { get; init; }

    /// <summary>Steps taken so far.</summary>
    public int Steps { get; private set; }

    /// <summary>The step in which the coordinator's process is killed; 0 for none.</summary>
    public int KilledInStep { get; init; }

    /// <summary>It is killed when the records of the step are in the log already.</summary>
    public bool IsKilledBehindTheLog { get; init; }

    public long NextProducerId { get; set; } = 1000;

    /// <summary>Markers that are to be written.</summary>
    public Queue<WriteMarkers> Markers { get; } = new();

    public IReadOnlyList<(byte[] Key, byte[]? Value)> Log => _log;

    /// <summary>Another coordinator takes over from the log.</summary>
    public void Reload()
    {
        Step(Shard.Unload);
        Markers.Clear();
        CoordinatorEpoch++;
        Shard = Load();
    }

    /// <summary>The process is killed: nobody who waits hears of it, and another coordinator takes over from the log.</summary>
    public void Kill()
    {
        foreach (Reply reply in _unanswered)
            Lose(reply);
        _unanswered.Clear();
        Markers.Clear();
        CoordinatorEpoch++;
        Shard = Load();
    }

    public void Step(Action<ShardStep> command)
    {
        ShardStep step = new(NowMs, WallClockMs);
        command(step);
        if (++Steps == KilledInStep)
        {
            if (IsKilledBehindTheLog)
                Append(step);
            _unanswered.AddRange(step.Answered);
            Kill();
            return;
        }

        if (FailsToAppend && step.Records.Count > 0)
        {
            foreach (Reply reply in step.Answered.Where(_ => !AnswersWhatItLost))
                Lose(reply);
            return;
        }

        Append(step);
        foreach (ShardEffect effect in step.Effects)
            Markers.Enqueue((WriteMarkers)effect);
    }

    /// <summary>Runs a command, and again with a new producer id when it asks for one.</summary>
    public TestReply<ProducerAnswer> Ask(Action<ShardStep, long, Reply<ProducerAnswer>> command)
    {
        TestReply<ProducerAnswer> reply = NewReply<ProducerAnswer>();
        Step(step => command(step, -1, reply));
        if (reply.IsLost || reply.Response is not { NeedsProducerId: true })
            return reply;

        TestReply<ProducerAnswer> second = NewReply<ProducerAnswer>();
        Step(step => command(step, NextProducerId++, second));
        return second;
    }

    public TestReply<ProducerAnswer> Init(string id, long producerId = -1, short epoch = -1, int timeoutMs = 60_000) =>
        Ask((step, spare, reply) => Shard.InitProducerId(
            step, new InitProducerIdRequest { TransactionalId = id, TransactionTimeoutMs = timeoutMs, ProducerId = producerId, ProducerEpoch = epoch }, spare, reply));

    public TestReply<ProducerAnswer> InitTwoPhase(string id, bool keepsPrepared = false) => Ask((step, spare, reply) => Shard.InitProducerId(
        step,
        new InitProducerIdRequest
        {
            TransactionalId = id,
            TransactionTimeoutMs = 60_000,
            ProducerId = -1,
            ProducerEpoch = -1,
            Enable2Pc = true,
            KeepPreparedTxn = keepsPrepared,
        },
        spare,
        reply));

    public TestReply<ProducerAnswer> Add(ProducerClaim claim, short version, params TopicPartition[] partitions) =>
        Ask((step, _, reply) => Shard.AddPartitions(step, claim, partitions, version, reply));

    public TestReply<ProducerAnswer> End(ProducerClaim claim, bool isCommit, bool bumpsEpoch) =>
        Ask((step, spare, reply) => Shard.EndTransaction(step, claim, isCommit, bumpsEpoch, spare, reply));

    public TestReply<VerificationAnswer> Verify(ProducerClaim claim, params TopicPartition[] partitions)
    {
        TestReply<VerificationAnswer> reply = NewReply<VerificationAnswer>();
        Step(step => Shard.Verify(step, claim, partitions, reply));
        return reply;
    }

    public void CompleteMarkers()
    {
        while (Markers.TryDequeue(out WriteMarkers? markers))
            Written(markers);
        TickIfDue();
    }

    public TestReply<ProducerAnswer> Written(WriteMarkers markers)
    {
        TestReply<ProducerAnswer> reply = NewReply<ProducerAnswer>();
        Step(step => Shard.MarkersWritten(step, markers.Producer, markers.DecidedMs, reply));
        // Those who waited for this come before everybody else.
        TickIfDue();
        return reply;
    }

    public void Advance(long byMs)
    {
        NowMs += byMs;
        TickIfDue();
    }

    public void TickIfDue()
    {
        for (int i = 0; i < 100 && Shard.DeadlineMs <= NowMs && !IgnoresDeadlines; i++)
            Step(Shard.Tick);
    }

    public TransactionState State(string id) => Shard.Find(id)!;

    private void Append(ShardStep step)
    {
        foreach (CoordinatorRecord record in step.Records)
        {
            (byte[] Key, byte[]? Value) bytes = (CoordinatorRecords.WriteKey(CoordinatorLog.Transaction, record.Key),
                record.Value is null ? null : CoordinatorRecords.WriteValue(record.Value, record.ValueVersion));
            _log.Add(bytes);
            Apply(Shard, bytes, _log.Count - 1);
        }
    }

    private TestReply<TResponse> NewReply<TResponse>()
        where TResponse : class
    {
        _unanswered.RemoveAll(static reply => ((ITestReply)reply).IsSettled);
        TestReply<TResponse> reply = new();
        _unanswered.Add(reply);
        return reply;
    }

    private static void Lose(Reply reply) => ((ITestReply)reply).IsLost = true;

    private static void Apply(TransactionShard shard, (byte[] Key, byte[]? Value) bytes, long offset)
    {
        short type = CoordinatorRecords.ReadType(bytes.Key);
        CoordinatorRecord record = new(
            CoordinatorRecords.ReadKey(CoordinatorLog.Transaction, bytes.Key)!,
            bytes.Value is null ? null : CoordinatorRecords.ReadValue(CoordinatorLog.Transaction, type, bytes.Value));
        shard.Apply(record, new RecordOrigin(offset, 0));
    }

    private TransactionShard Load()
    {
        TransactionShard shard = new(CoordinatorEpoch, () => Settings);
        for (int offset = 0; offset < _log.Count; offset++)
            Apply(shard, _log[offset], offset);
        Shard = shard;
        Step(step => shard.Loaded(step, _image));
        return shard;
    }
}
