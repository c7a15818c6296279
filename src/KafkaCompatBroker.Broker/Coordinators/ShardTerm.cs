using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// A shard from the end of its loading until it is unloaded, in one leader epoch: steps, the batch that gathers their records, the answers that
/// wait for the high watermark, and those whom the shard keeps waiting. Used inside the shard's mailbox only.
/// </summary>
internal sealed class ShardTerm<TShard>
    where TShard : class, ICoordinatorShard
{
    private readonly ShardSite<TShard> _site;
    private readonly ShardMailbox _mailbox;
    private readonly Partition _partition;
    private readonly int _leaderEpoch;
    private readonly TShard _shard;
    private readonly ShardWriter _writer;
    private readonly CommitQueue _commits;
    private readonly TermCommitWait _wait;
    private readonly HashSet<IPendingReply> _kept = [];
    private readonly ShardAction _flushing;
    private OpenBatch? _batch;
    private bool _isFlushPosted;
    private MetadataImage _image;
    private ShardStep? _current;
    private IPendingReply? _asking;
    private bool _isParked;
    private bool _isClosed;

    /// <param name="site">What all shards have in common.</param>
    /// <param name="mailbox">Where the term runs.</param>
    /// <param name="partition">The shard's log.</param>
    /// <param name="leaderEpoch">The epoch in which this broker leads it.</param>
    /// <param name="shard">The shard with the whole log applied.</param>
    public ShardTerm(ShardSite<TShard> site, ShardMailbox mailbox, Partition partition, int leaderEpoch, TShard shard)
    {
        _site = site;
        _mailbox = mailbox;
        _partition = partition;
        _leaderEpoch = leaderEpoch;
        _shard = shard;
        _image = MetadataImage.Empty;
        _writer = new ShardWriter(site.Options, partition, leaderEpoch, shard);
        _commits = new CommitQueue(CarryOut);
        _wait = new TermCommitWait(mailbox, new ShardAction(CommitsMoved)) { LeaderEpoch = leaderEpoch };
        _flushing = new ShardAction(FlushPosted);
    }

    /// <summary>When <see cref="Tick"/> is due.</summary>
    public long DeadlineMs
    {
        get
        {
            long dueMs = Math.Min(_commits.DeadlineMs, _batch?.DueMs ?? long.MaxValue);
            return NeedsReload ? dueMs : Math.Min(_shard.DeadlineMs, dueMs);
        }
    }

    /// <summary>A deadline could not be carried out because the log refused its records: what the shard had in memory for it is spent.</summary>
    public bool NeedsReload { get; private set; }

    /// <summary>The log refused records that are applied already: the shard must be loaded again before the next command.</summary>
    public bool IsAheadOfLog { get; private set; }

    /// <summary>The shard begins to take commands.</summary>
    public void Begin(MetadataImage image)
    {
        _image = image;
        Run(step => _shard.Loaded(step, image), maySplit: true);
    }

    public void Execute<TResponse>(Action<TShard, ShardStep, Reply<TResponse>> command, PendingReply<TResponse> reply)
        where TResponse : class
    {
        ShardStep step = Start(reply);
        command(_shard, step, reply);
        if (reply.Response is null)
            _kept.Add(reply);
        Carry(step, maySplit: false);
    }

    public void WriteMarker(in TransactionMarker marker, PendingReply<MarkerWritten> reply)
    {
        ShardStep step = Start(reply);
        step.Answer(reply, MarkerWritten.Instance);
        ErrorCode error = Flush();
        End(step, error == ErrorCode.None ? _writer.WriteMarker(marker, step.WallClockMs) : error);
    }

    public void MetadataChanged(MetadataImage image, MetadataChanges changes)
    {
        // What came while the shard was loaded is in the image that it began with.
        if (image.Offset <= _image.Offset)
            return;

        _image = image;
        NeedsReload |= Run(step => _shard.MetadataChanged(step, image, changes), maySplit: true) != ErrorCode.None;
    }

    /// <summary>Carries out deadlines that have passed.</summary>
    public void Tick()
    {
        long nowMs = _site.Timers.NowMs;
        _commits.Expire(nowMs);
        if (_batch?.DueMs <= nowMs && Flush() != ErrorCode.None)
            return;
        if (!NeedsReload && _shard.DeadlineMs <= nowMs)
            NeedsReload = Run(_shard.Tick, maySplit: true) != ErrorCode.None;
    }

    /// <summary>Ends the term: nobody is left waiting.</summary>
    public void Close()
    {
        ShardStep step = NewStep();
        try
        {
            _shard.Unload(step);
            foreach (Reply reply in step.Answered)
                ((IPendingReply)reply).Send();
        }
        finally
        {
            Abandon();
        }
    }

    /// <summary>Ends the term without asking a shard that failed.</summary>
    public void Abandon()
    {
        _isClosed = true;
        if (_current is { } broken)
            CommitQueue.Fail(broken, ErrorCode.UnknownServerError);
        _asking?.Fail(ErrorCode.UnknownServerError);
        _partition.Unpark(_wait);
        FailBatch(ErrorCode.NotCoordinator);
        _commits.FailAll(ErrorCode.NotCoordinator);
        foreach (IPendingReply reply in _kept)
            reply.Fail(ErrorCode.NotCoordinator);
        _kept.Clear();
    }

    private ErrorCode Run(Action<ShardStep> act, bool maySplit)
    {
        ShardStep step = Start(asking: null);
        act(step);
        return Carry(step, maySplit);
    }

    private ShardStep Start(IPendingReply? asking)
    {
        _asking = asking;
        return _current = NewStep();
    }

    private ShardStep NewStep() => new(_site.Timers.NowMs, _site.Time.GetUtcNow().ToUnixTimeMilliseconds());

    private ErrorCode Carry(ShardStep step, bool maySplit)
    {
        if (step.Records.Count == 0 || TryGather(step))
            return End(step, ErrorCode.None);

        ErrorCode error = Flush();
        return End(step, error == ErrorCode.None ? _writer.Write(step, maySplit) : error);
    }

    /// <summary>Leaves the records of a step to a batch of several; false when they are better appended at once.</summary>
    private bool TryGather(ShardStep step)
    {
        // Records of a transaction carry its producer in the header of their batch.
        if (step.ProducerId >= 0 || !Lingers)
            return false;
        if (_batch is not null && _writer.TryGather(_batch, step))
            return true;
        if (Flush() != ErrorCode.None || _writer.Open(step, BatchDueMs(step)) is not { } batch || !_writer.TryGather(batch, step))
            return false;

        _batch = batch;
        if (_site.Options.AppendLingerMs < 0 && !_isFlushPosted)
        {
            // Behind what waits already: that shares the batch, and what comes later does not delay it.
            _isFlushPosted = true;
            _mailbox.Post(_flushing, mayRunHere: false);
        }

        return true;
    }

    private long BatchDueMs(ShardStep first) => _site.Options.AppendLingerMs < 0 ? long.MaxValue : first.NowMs + _site.Options.AppendLingerMs;

    private bool Lingers => _site.Options.AppendLingerMs > 0 || (_site.Options.AppendLingerMs < 0 && (_batch is not null || _mailbox.HasMore));

    private void FlushPosted()
    {
        _isFlushPosted = false;
        Flush();
    }

    /// <summary>Appends the open batch; then no step of it is undone any more, or all are.</summary>
    private ErrorCode Flush()
    {
        if (_batch is not { } batch)
            return IsAheadOfLog ? ErrorCode.NotLeaderOrFollower : ErrorCode.None;

        ErrorCode error = _writer.Append(batch);
        if (error != ErrorCode.None)
        {
            IsAheadOfLog = true;
            BrokerLog.CoordinatorWriteRefused(_site.Logger, _partition.Name, error);
            FailBatch(CoordinatorErrors.Of(error));
            return error;
        }

        _batch = null;
        int timeoutMs = _site.Options.CommitTimeoutMs();
        foreach (ShardStep step in batch.Steps)
            _commits.Add(step, _writer.EndOffset, step.NowMs + timeoutMs);
        _commits.Committed(_writer.HighWatermark);
        Park();
        return ErrorCode.None;
    }

    private void FailBatch(ErrorCode error)
    {
        IReadOnlyList<ShardStep> steps = _batch?.Steps ?? [];
        _batch = null;
        foreach (ShardStep step in steps)
            CommitQueue.Fail(step, error);
    }

    private ErrorCode End(ShardStep step, ErrorCode error)
    {
        _current = null;
        _asking = null;
        if (_kept.Count > 0)
        {
            foreach (Reply reply in step.Answered)
                _kept.Remove((IPendingReply)reply);
        }

        if (error != ErrorCode.None)
        {
            BrokerLog.CoordinatorWriteRefused(_site.Logger, _partition.Name, error);
            CommitQueue.Fail(step, CoordinatorErrors.Of(error));
        }
        else if (_batch is null && _commits.IsEmpty && _writer.IsCommitted)
        {
            _commits.Release(step);
        }
        else if (step.Answered.Count == 0 && step.Effects.Count == 0)
        {
            return error;
        }
        else if (_batch is not null)
        {
            _batch.Add(step);
        }
        else
        {
            _commits.Add(step, _writer.EndOffset, step.NowMs + _site.Options.CommitTimeoutMs());
            Park();
        }

        return error;
    }

    /// <summary>The high watermark moved, or this broker leads no longer.</summary>
    private void CommitsMoved()
    {
        if (_isClosed)
            return;

        _isParked = false;
        TakeCommits();
        Park();
    }

    private void TakeCommits()
    {
        if (_wait.Result is ErrorCode.None or ErrorCode.NotEnoughReplicasAfterAppend)
            _commits.Committed(_writer.LookAtHighWatermark());
        else
            _commits.FailAll(CoordinatorErrors.Of(_wait.Result));
    }

    private void CarryOut(ShardStep step)
    {
        // By index: no enumerator for each heartbeat.
        for (int index = 0; index < step.Effects.Count; index++)
            _site.Options.Effects(_partition.Name.Partition, _leaderEpoch, step.Effects[index]);
    }

    private void Park()
    {
        while (!_isParked && !_commits.IsEmpty)
        {
            _wait.RequiredOffset = _commits.FirstEndOffset;
            _isParked = _partition.TryPark(_wait);
            if (!_isParked)
                TakeCommits();
        }
    }

    private sealed class TermCommitWait(ShardMailbox mailbox, ShardAction moved) : CommitWait
    {
        public override void Committed() => mailbox.Post(moved, mayRunHere: true);
    }
}
