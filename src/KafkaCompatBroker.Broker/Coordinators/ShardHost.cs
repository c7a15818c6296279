using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// One partition of a coordinator's topic on this broker: its mailbox, its one timer entry, and where it stands between "led elsewhere" and
/// "serves". All fields but the mailbox belong to the mailbox. Nothing survives a crash; the log does.
/// </summary>
internal sealed class ShardHost<TShard> : TimerEntry
    where TShard : class, ICoordinatorShard
{
    // Long enough that a shard which fails again and again costs nothing, short enough for clients that try again.
    private const long ReloadDelayMs = 1_000;

    private readonly ShardSite<TShard> _site;
    private readonly int _index;
    private readonly ShardMailbox _mailbox;
    private Partition? _partition;
    private int _leaderEpoch = -1;
    private ErrorCode _refusal = ErrorCode.NotCoordinator;
    private ShardTerm<TShard>? _term;
    private MetadataImage _image = MetadataImage.Empty;
    private long _reloadAtMs = long.MaxValue;
    private long _armedMs = long.MaxValue;
    private volatile object? _loading;
    private volatile bool _isLed;

    public ShardHost(ShardSite<TShard> site, int index)
    {
        _site = site;
        _index = index;
        _mailbox = new ShardMailbox(Settle, Failed);
    }

    /// <summary>Whether this broker leads the partition, its shard being loaded or not.</summary>
    public bool IsLed => _isLed;

    /// <summary>Gives a command to the shard.</summary>
    public ValueTask<ShardAnswer<TResponse>> AskAsync<TResponse>(Action<TShard, ShardStep, Reply<TResponse>> command)
        where TResponse : class
    {
        Command<TResponse> asked = new(this, command);
        _mailbox.Post(asked, mayRunHere: true);
        return asked.Answer;
    }

    /// <summary>Writes the end of a transaction, as long as this broker leads the partition and the shard is loaded.</summary>
    public async Task<ErrorCode> WriteMarkerAsync(TransactionMarker marker)
    {
        PendingReply<MarkerWritten> reply = new();
        Post(() =>
        {
            if (_term is { } term)
                term.WriteMarker(marker, reply);
            else
                reply.Fail(_refusal);
        });
        return (await reply.Answer.ConfigureAwait(false)).Error;
    }

    /// <summary>This broker leads the partition from an epoch on: the shard is loaded, anew if it was there.</summary>
    public void Elect(Partition partition, int leaderEpoch, MetadataImage image)
    {
        _isLed = true;
        PostAside(() =>
        {
            _image = image;
            if (leaderEpoch <= _leaderEpoch)
                return;

            _leaderEpoch = leaderEpoch;
            _partition = partition;
            EndTerm();
            Load();
        });
    }

    /// <summary>Another broker leads the partition, or nobody.</summary>
    public void Resign(int leaderEpoch)
    {
        _isLed = false;
        PostAside(() => Unload(leaderEpoch));
    }

    /// <summary>The partition is no more, or the broker stops.</summary>
    public void Stop()
    {
        _isLed = false;
        Post(() => Unload(int.MaxValue));
    }

    public void MetadataChanged(MetadataImage image, MetadataChanges changes) => PostAside(() =>
    {
        _image = image;
        _term?.MetadataChanged(image, changes);
    });

    protected internal override void OnDue() => PostAside(Tick);

    private void Post(Action work) => _mailbox.Post(new ShardAction(work), mayRunHere: true);

    private void PostAside(Action work) => _mailbox.Post(new ShardAction(work), mayRunHere: false);

    private void Settle()
    {
        // What a step wants done at once is done before the next request.
        if (_term is { IsAheadOfLog: false } term && term.DeadlineMs <= _site.Timers.NowMs)
            term.Tick();
        if (_term is { IsAheadOfLog: true })
            Drop();
        else
            Arm();
    }

    private void Tick()
    {
        _site.Timers.Cancel(this);
        _armedMs = long.MaxValue;
        if (_reloadAtMs <= _site.Timers.NowMs)
        {
            EndTerm();
            Load();
        }

        _term?.Tick();
    }

    // An entry that is queued for an earlier time stays: deadlines mostly move on, and looking in vain is cheaper than moving it each time.
    private void Arm()
    {
        if (_term is { NeedsReload: true } && _reloadAtMs == long.MaxValue)
            _reloadAtMs = _site.Timers.NowMs + ReloadDelayMs;
        long dueMs = Math.Min(_reloadAtMs, _term?.DeadlineMs ?? long.MaxValue);
        if (dueMs >= _armedMs)
            return;

        _site.Timers.Cancel(this);
        _site.Timers.Add(this, Math.Max(dueMs - _site.Timers.NowMs, 1));
        _armedMs = dueMs;
    }

    private void Load()
    {
        _reloadAtMs = long.MaxValue;
        _refusal = ErrorCode.CoordinatorLoadInProgress;
        object loading = new();
        _loading = loading;
        Partition partition = _partition!;
        int leaderEpoch = _leaderEpoch;
        Task<TShard?> shard = Task.Run(() => LoadAsync(partition, leaderEpoch, loading));
        _ = shard.ContinueWith(
            done => Post(() => Loaded(done, partition, leaderEpoch, loading)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Loads the log into a new shard; null when nobody wants it any more.</summary>
    private async Task<TShard?> LoadAsync(Partition partition, int leaderEpoch, object loading)
    {
        await _site.Loads.WaitAsync().ConfigureAwait(false);
        try
        {
            long startedMs = _site.Timers.NowMs;
            TShard shard = _site.Create(_index, leaderEpoch);
            ShardLoader loader = new(partition.Log, _site.Options.Log, shard, _site.Options.LoadBufferBytes);
            if (!loader.Load(() => _loading != loading))
                return null;

            if (loader.SizeBytes > 0)
                BrokerLog.CoordinatorLoaded(
                    _site.Logger, partition.Name, leaderEpoch, loader.RecordCount, loader.SizeBytes, _site.Timers.NowMs - startedMs, loader.UnknownCount);
            return shard;
        }
        finally
        {
            _site.Loads.Release();
        }
    }

    private void Loaded(Task<TShard?> loaded, Partition partition, int leaderEpoch, object loading)
    {
        if (_loading != loading)
            return;

        _loading = null;
        if (loaded.Exception is { } failure)
        {
            BrokerLog.CoordinatorLoadFailed(_site.Logger, failure.InnerException ?? failure, partition.Name);
            _refusal = ErrorCode.NotCoordinator;
        }
        else if (loaded.Result is { } shard)
        {
            _term = new ShardTerm<TShard>(_site, _mailbox, partition, leaderEpoch, shard);
            _term.Begin(_image);
        }
    }

    private void Unload(int leaderEpoch)
    {
        _leaderEpoch = Math.Max(_leaderEpoch, leaderEpoch);
        _refusal = ErrorCode.NotCoordinator;
        _site.Timers.Cancel(this);
        _armedMs = long.MaxValue;
        EndTerm();
    }

    private void EndTerm()
    {
        ShardTerm<TShard>? term = _term;
        _loading = null;
        _reloadAtMs = long.MaxValue;
        _term = null;
        term?.Close();
    }

    // The state may be half changed: the log says what it should be.
    private void Failed(Exception cause)
    {
        BrokerLog.CoordinatorFailed(_site.Logger, cause, _site.Options.Topic, _index);
        Drop();
    }

    private void Drop()
    {
        ShardTerm<TShard>? term = _term;
        _term = null;
        term?.Abandon();
        if (_isLed && _loading is null)
        {
            _refusal = ErrorCode.CoordinatorLoadInProgress;
            _reloadAtMs = _site.Timers.NowMs + ReloadDelayMs;
        }

        Arm();
    }

    private sealed class Command<TResponse>(ShardHost<TShard> host, Action<TShard, ShardStep, Reply<TResponse>> command) : PendingReply<TResponse>, IShardWork
        where TResponse : class
    {
        public void Run()
        {
            if (host._term is { } term)
                term.Execute(command, this);
            else
                Fail(host._refusal);
        }
    }
}
