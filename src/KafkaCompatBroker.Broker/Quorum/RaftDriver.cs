using System.Collections.Concurrent;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// The one thread that runs the Raft core of this node: it takes proposals from an inbox, carries out what the core decides, writing and
/// syncing before anything is told to anybody, and hands committed records to the state machine. All proposals that wait are written with
/// one sync. A full disk makes it start over from what is on the disk; any other failure ends the node.
/// </summary>
internal sealed class RaftDriver
{
    private const long FullDiskRetryMs = 1_000;
    private const long HandOverMs = 2_000;

    private readonly MetadataLogOptions _options;
    private readonly MetadataLogFiles _files;
    private readonly IMetadataStateMachine _machine;
    private readonly Action<Exception> _failed;
    private readonly ILogger _logger;
    private readonly ConcurrentQueue<Action> _inbox = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _gate = new();
    private readonly CommittedFeed _feed;
    private readonly SnapshotKeeper _keeper;
    private readonly LeaderWatch _leaderWatch;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly QuorumClock _clock;
    // Requests of other nodes that this one has not answered yet.
    private readonly Dictionary<long, (TaskCompletionSource<RaftResponse> Answer, int BytesMax)> _asked = [];
    // Voters that need not be told any more that this node stops leading.
    private readonly HashSet<int> _told = [];
    private long _lastAsked;
    private VoterSet? _known;
    private RaftNode? _node;
    private Leadership? _unannounced;
    private long _retryMs;
    private long _cleanMs;
    private volatile bool _isStopping;
    private volatile bool _hasEnded;

    public RaftDriver(MetadataLogOptions options, MetadataLogFiles files, IMetadataStateMachine machine, Action<Exception> failed, QuorumClock clock, ILogger logger)
    {
        (_options, _files, _machine, _failed, _clock, _logger) = (options, files, machine, failed, clock, logger);
        _feed = new CommittedFeed(files.Log, machine);
        _leaderWatch = new LeaderWatch(options.Raft.Local.Id);
        _keeper = new SnapshotKeeper(options, files.Snapshots, files.Log, logger);
        _thread = new Thread(Run) { Name = "raft-driver", IsBackground = true };
    }

    /// <summary>The way to the other nodes; null where there are none.</summary>
    public RaftTransport? Transport { get; init; }

    /// <summary>Who leads, as this node sees it; any thread.</summary>
    public Leadership Leadership
    {
        get
        {
            lock (_gate) return _node is { } node ? new Leadership(node.Epoch, node.LeaderId) : new Leadership(0, QuorumStateRecord.NoLeader);
        }
    }

    /// <summary>Completes when this node leads and has applied everything that was committed before.</summary>
    public Task Leading => _leading.Task;

    /// <summary>Completes when this node takes part in the quorum; faults when it cannot with what is on its disk.</summary>
    public Task Started => _started.Task;

    public void Start() => _thread.Start();

    public void Append(PendingAppend append)
    {
        Post(() => Propose(append));
        // Nobody else would answer what comes after the end.
        if (_hasEnded) Drain();
    }

    /// <summary>Answers a request of another node, a fetch later when there is nothing to get yet; any thread.</summary>
    /// <param name="request">Makes the request with the correlation id that it is given.</param>
    /// <param name="bytesMax">Most bytes that the other node wants.</param>
    public Task<RaftResponse> AskAsync(Func<long, RaftMessage> request, int bytesMax)
    {
        var answer = new TaskCompletionSource<RaftResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Take(request, answer, bytesMax));
        if (_hasEnded) Drain();
        return answer.Task;
    }

    /// <summary>The quorum as this node sees it; any thread.</summary>
    public QuorumDescription? Describe()
    {
        lock (_gate) return _node is { Role: RoleKind.Leader } node ? node.Describe(_clock.NowMs) : null;
    }

    /// <summary>Raises kraft.version as the leader; completes when that is appended. Any thread.</summary>
    public Task<KRaftVersionOutcome> UpgradeAsync(short kraftVersion, bool onlyCheck)
    {
        var outcome = new TaskCompletionSource<KRaftVersionOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            lock (_gate) outcome.SetResult(_node?.UpgradeKRaftVersion(kraftVersion, onlyCheck, _clock.NowMs) ?? new KRaftVersionOutcome(RaftError.NotLeaderOrFollower));
        });
        if (_hasEnded) Drain();
        return outcome.Task;
    }

    public bool AreVotersRecorded
    {
        get
        {
            lock (_gate) return _node?.AreVotersRecorded ?? false;
        }
    }

    /// <summary>Ends the thread; what is in the inbox is carried out first, and leadership is handed over.</summary>
    public void Stop()
    {
        _isStopping = true;
        _wake.Set();
        if (_thread.IsAlive) _thread.Join();
        _keeper.Writing.Wait();
    }

    private void Post(Action action)
    {
        _inbox.Enqueue(action);
        _wake.Set();
    }

    private void Run()
    {
        try
        {
            if (_files.Snapshots.Newest is { Id.Offset: > 0 } snapshot) _feed.Load(snapshot);
            _files.Snapshots.ForgetContents();
            _cleanMs = _clock.NowMs + _options.CleanIntervalMs;
            while (!_isStopping || !_inbox.IsEmpty) Turn(_isStopping ? 0 : WaitMs());
            HandOver();
            _feed.FailProposed(new NotLeaderException("The node is stopping."));
            RefuseAsked();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or QuorumException or FormatException or WireFormatException or RecordFormatException)
        {
            // Whatever is half done must not be acknowledged: the node starts over from its disk. A broken invariant ends the process.
            BrokerLog.MetadataLogFailed(_logger, failure);
            _isStopping = true;
            _failed(failure);
            _feed.FailProposed(new NotLeaderException("The metadata log failed.", failure));
            RefuseAsked();
            _started.TrySetException(failure);
            _leading.TrySetException(failure);
        }
        _hasEnded = true;
        Drain();
    }

    private void Drain()
    {
        while (_inbox.TryDequeue(out var action)) action();
    }

    /// <summary>Tells the others that this node stops leading, so that they need not find out by waiting.</summary>
    private void HandOver()
    {
        if (_node is not { Role: RoleKind.Leader } node || node.Voters.Ids.All(id => id == _options.Raft.Local.Id)) return;
        var untilMs = _clock.NowMs + HandOverMs;
        Post(() => Resign(node));
        do Turn((int)Math.Min(WaitMs(), untilMs - _clock.NowMs));
        while (_node is { Role: RoleKind.Resigned } && node.Voters.Ids.Any(id => id != _options.Raft.Local.Id && !_told.Contains(id)) && _clock.NowMs < untilMs);
    }

    private void Resign(RaftNode node)
    {
        lock (_gate) node.Resign(node.Epoch, _clock.NowMs);
    }

    private void Turn(int waitMs)
    {
        if (waitMs > 0) _wake.WaitOne(waitMs);
        try
        {
            if (_node is null && _clock.NowMs >= _retryMs) StartNode();
            Drain();
            if (_node is { } node)
            {
                lock (_gate) node.Tick(_clock.NowMs);
                CarryOutAll(node);
            }
        }
        catch (DiskFullException full)
        {
            StartOverLater(full);
        }
        if (_node is not null) Maintain(_node);
    }

    private void StartNode()
    {
        var disk = _files.Log.Load();
        if (disk.StartOffset > (disk.LatestSnapshot?.Offset ?? 0))
            throw new QuorumException($"The metadata log begins at {disk.StartOffset}, and no good snapshot holds what was below.");
        var node = new RaftNode(_options.Raft, disk, _files.QuorumState.Read(), _options.StaticVoters, new Random(), _clock.NowMs);
        if (!_options.IsController && node.Voters.Contains(_options.Raft.Local))
            throw new QuorumException($"Node {_options.Raft.Local.Id} is a voter of the metadata quorum but does not have the controller role.");
        if (!node.Voters.Contains(_options.Raft.Local) && node.Voters.Ids.All(id => id == _options.Raft.Local.Id) && _options.Raft.BootstrapIds.Count == 0)
            throw new QuorumException("No voter of the metadata quorum is known that this node could ask: format it with --standalone or --initial-controllers, or set controller.quorum.bootstrap.servers.");
        lock (_gate) _node = node;
        _started.TrySetResult();
    }

    private void Propose(PendingAppend append)
    {
        if (_isStopping || _node is not { Role: RoleKind.Leader } node || node.Epoch != append.Epoch)
        {
            append.Fail(new NotLeaderException("This node is not the active controller."));
            return;
        }
        foreach (var batch in append.Batches)
        {
            long? offset;
            lock (_gate) offset = node.Propose(batch.Records.Count, batch.Bytes);
            _feed.Proposed(offset!.Value, node.Epoch, batch, ReferenceEquals(batch, append.Batches[^1]) ? append : null);
        }
    }

    private void Take(Func<long, RaftMessage> request, TaskCompletionSource<RaftResponse> answer, int bytesMax)
    {
        var asked = request(++_lastAsked);
        if (_hasEnded || _node is not { } node)
        {
            answer.TrySetException(new NotLeaderException("The metadata log is not running."));
            return;
        }
        if (ForeignRequests.Refuse(asked, node) is { } refusal)
        {
            answer.TrySetResult(refusal);
            return;
        }
        _asked[asked.CorrelationId] = (answer, bytesMax);
        lock (_gate) node.Step(asked, _clock.NowMs);
    }

    private void RefuseAsked()
    {
        foreach (var (answer, _) in _asked.Values) answer.TrySetException(new NotLeaderException("The node is stopping."));
        _asked.Clear();
    }

    private void CarryOutAll(RaftNode node)
    {
        while (node.HasReady)
        {
            (Ready Ready, long EndOffset) taken;
            lock (_gate) taken = (node.TakeReady(), node.EndOffset);
            CarryOut(node, taken.Ready, taken.EndOffset);
            lock (_gate) node.Advance(taken.Ready, _clock.NowMs);
            foreach (var chunk in taken.Ready.SnapshotChunks) Keep(node, chunk);
        }
    }

    private void StartOverLater(DiskFullException full)
    {
        BrokerLog.MetadataLogFull(_logger, full.Message);
        _retryMs = _clock.NowMs + FullDiskRetryMs;
        if (_node is not { } node) return;
        lock (_gate) _node = null;
        _feed.FailProposed(new NotLeaderException("The disk of the metadata log is full.", full));
        _machine.LeadershipChanged(new Leadership(node.Epoch, QuorumStateRecord.NoLeader));
    }

    private void CarryOut(RaftNode node, Ready ready, long endOffset)
    {
        if (ready.QuorumState is { } state) _files.QuorumState.Write(state, node.AreVotersRecorded ? null : _options.StaticVoters);
        if (ready.ResetTo is { } snapshot) StartAfter(snapshot);
        if (ready.TruncateTo is { } cut) _files.Log.TruncateTo(cut);
        if (ready.Entries.Count > 0)
        {
            _files.Log.Append(ready.Entries);
            _files.Log.Flush();
        }
        if (_files.Log.EndOffset != endOffset) throw new InvalidOperationException($"The metadata log ends at {_files.Log.EndOffset}, the core says {endOffset}.");
        if (Transport is { } transport && !ReferenceEquals(node.Voters, _known)) transport.Endpoints.Learn(_known = node.Voters);
        foreach (var message in ready.Messages) Send(message);
        if (ready.Leadership is { } leadership)
        {
            _unannounced = leadership;
            // Another leader may have put other records in their place.
            _feed.FailProposed(new NotLeaderException("This node ceased to be the active controller."));
        }
        if (ready.HighWatermark is { } highWatermark)
        {
            _files.Log.HighWatermarkMoved(highWatermark);
            _feed.AdvanceTo(highWatermark);
        }
        AnnounceLeadership();
    }

    private void Send(RaftMessage message)
    {
        switch (message)
        {
            case RaftResponse response:
                if (_asked.Remove(response.CorrelationId, out var asked)) asked.Answer.TrySetResult(_files.WithBytes(response, asked.BytesMax, _options));
                break;
            case var request when Transport is { } transport:
                transport.Send(request, received => Post(() => Receive(request, received)));
                break;
            default:
                throw new InvalidOperationException($"A quorum of one has nobody to send {message.GetType().Name} to.");
        }
    }

    /// <summary>A snapshot of the leader takes the place of the log; what was older than it goes.</summary>
    private void StartAfter(LogPosition id)
    {
        _files.Log.ResetTo(id.Offset);
        foreach (var older in _files.Snapshots.Ids.Where(known => known.Offset < id.Offset).ToList()) _files.Snapshots.Delete(older);
        if (_feed.Applied < id.Offset) _feed.Load(_files.Snapshots.Read(id));
        BrokerLog.SnapshotLoaded(_logger, SnapshotName.Of(id));
    }

    private void Keep(RaftNode node, SnapshotChunk chunk)
    {
        _files.Snapshots.Keep(chunk);
        if (!chunk.IsLast) return;
        var installed = _files.Snapshots.Install(chunk.Snapshot);
        lock (_gate)
        {
            if (installed is null) node.SnapshotRefused(_clock.NowMs);
            else node.SnapshotInstalled(installed.Id, installed.Voters, _clock.NowMs);
        }
    }

    private void Receive(RaftMessage request, RaftMessage answer)
    {
        // One that cannot be reached is not waited for: it has stopped too, or finds out by itself.
        if (request is EndQuorumEpochRequest) _told.Add(request.Destination);
        if (_node is not { } node) return;
        var farewell = request is FetchRequest fetch ? _leaderWatch.Note(fetch, answer, node, _clock.NowMs) : null;
        lock (_gate)
        {
            node.Step(answer, _clock.NowMs);
            if (farewell is not null) node.Step(farewell, _clock.NowMs);
        }
    }

    /// <summary>Others' leadership at once; one's own when the first batch of the epoch, and so everything before it, has been applied.</summary>
    private void AnnounceLeadership()
    {
        if (_unannounced is not { } leadership) return;
        var isOwn = leadership.LeaderId == _options.Raft.Local.Id;
        if (isOwn && _feed.Epoch != leadership.Epoch) return;
        _unannounced = null;
        BrokerLog.QuorumLeadership(_logger, leadership.Epoch, leadership.LeaderId);
        // The leader before died inside a transaction (KIP-868): what this one decides must not become a part of it.
        if (isOwn && _feed.IsInTransaction) Propose(PendingAppend.AbortTransaction(leadership.Epoch, _clock.NowMs));
        _machine.LeadershipChanged(leadership);
        if (isOwn) _leading.TrySetResult();
    }

    private void Maintain(RaftNode node)
    {
        var nowMs = _clock.NowMs;
        if (_feed.Applied == node.HighWatermark)
            _keeper.WriteIfDue(node, _feed, _machine, nowMs, (id, failure) => Post(() => SnapshotWritten(id, failure)));
        if (nowMs < _cleanMs) return;
        _cleanMs = nowMs + _options.CleanIntervalMs;
        lock (_gate) _keeper.Clean(node, nowMs);
    }

    private void SnapshotWritten(LogPosition id, Exception? failure)
    {
        lock (_gate)
        {
            _keeper.Written(_node, id, failure);
            if (_node is { } node) _keeper.Clean(node, _clock.NowMs);
        }
    }

    private int WaitMs()
    {
        var nextMs = _node is { } node ? Math.Min(_cleanMs, node.DeadlineMs) : _retryMs;
        var nowMs = _clock.NowMs;
        // A deadline may be as early as long.MinValue, from which nothing can be taken away.
        return nextMs <= nowMs ? 0 : (int)Math.Min(nextMs - nowMs, int.MaxValue);
    }
}
