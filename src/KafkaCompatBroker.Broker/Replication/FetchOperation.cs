using System.Threading.Tasks.Sources;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A fetch from its first reading to its answer. When too few bytes are there it parks in every partition it asks for; an append, the
/// deadline or the end of the connection wakes it, and it reads again on the thread that woke it. One object serves as the timer entry
/// and as the source of the handler's task.
/// </summary>
public sealed class FetchOperation : TimerEntry, IValueTaskSource
{
    private const int Evaluating = 0;
    private const int EvaluatingAgain = 1;
    private const int Parked = 2;
    private const int Done = 3;

    private readonly DelayedFetches _delayed;
    private readonly FetchParameters _parameters;
    private readonly FetchRead[] _reads;
    private PendingFetchPart?[] _parts = [];
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _cancellation;
    private int _state = Evaluating;
    private volatile bool _isDue;
    private bool _mustAnswer;
    private bool _hasRead;

    public FetchOperation(DelayedFetches delayed, in FetchParameters parameters, FetchRead[] reads)
    {
        _delayed = delayed;
        _parameters = parameters;
        _reads = reads;
    }

    public FetchRead[] Reads => _reads;

    /// <summary>Bytes of records found by the last reading.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Whether the last reading can be answered without waiting.</summary>
    public bool IsSatisfied => _mustAnswer || SizeBytes >= _parameters.BytesMin || _reads.Length == 0;

    /// <summary>Reads every partition within the limits; the bytes of an earlier reading are let go.</summary>
    public void Read()
    {
        int bytesLeft = _parameters.BytesMax;
        bool needsBatch = true;
        SizeBytes = 0;
        _mustAnswer = false;
        for (int i = 0; i < _reads.Length; i++)
        {
            ref FetchRead read = ref _reads[i];
            read.Clear();
            PartitionReader.Read(ref read, _parameters, Math.Min(read.Asked.BytesMax, bytesLeft), needsBatch, notesProgress: !_hasRead);
            int size = read.Records.Length;
            if (size > 0)
                needsBatch = false;
            bytesLeft = Math.Max(0, bytesLeft - size);
            SizeBytes += size;
            _mustAnswer |= read.Answer.HasError || read.Answer.IsDiverging || read.Answer.NamesAnotherReplica || KnownHighWatermark(read) < read.HighWatermark;
        }

        // When it is woken the follower may have gone on, or been started again: only the request itself tells where it is.
        _hasRead = true;
    }

    /// <summary>Completes when the fetch can be answered, at the latest after <paramref name="waitMsMax"/> milliseconds.</summary>
    public ValueTask WaitAsync(int waitMsMax, CancellationToken token)
    {
        _parts = new PendingFetchPart?[_reads.Length];
        for (int i = 0; i < _reads.Length; i++)
            _parts[i] = new PendingFetchPart(this) { Limit = _parameters.Limit, KnownHighWatermark = KnownHighWatermark(_reads[i]) };
        if (token.CanBeCanceled)
            _cancellation = token.UnsafeRegister(static operation => ((FetchOperation)operation!).OnDue(), this);
        _delayed.Add(this, waitMsMax);
        if (!TryRest())
            Evaluate();
        return new ValueTask(this, _source.Version);
    }

    /// <summary>Hands the leases of the bytes to whoever sends them.</summary>
    public void MoveLeases(Action<IDisposable> owner)
    {
        for (int i = 0; i < _reads.Length; i++)
        {
            if (_reads[i].Partition is { } partition && partition.Throttled.HasFlag(ThrottledRoles.Leader))
                _parameters.Throttle?.Count(_reads[i].Records.Length);
            if (_reads[i].Lease is { } lease)
                owner(lease);
            _reads[i].Lease = null;
        }
    }

    public void GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected internal override void OnDue()
    {
        _isDue = true;
        Wake();
    }

    /// <summary>Reads again, or makes the thread that is reading do so once more.</summary>
    internal void Wake()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Parked:
                    if (Interlocked.CompareExchange(ref _state, Evaluating, Parked) != Parked)
                        continue;
                    Evaluate();
                    return;
                case Evaluating:
                    if (Interlocked.CompareExchange(ref _state, EvaluatingAgain, Evaluating) != Evaluating)
                        continue;
                    return;
                default:
                    return;
            }
        }
    }

    private long KnownHighWatermark(in FetchRead read) => _parameters.IsFollower ? read.Asked.KnownHighWatermark : long.MaxValue;

    private void Evaluate()
    {
        while (true)
        {
            Volatile.Write(ref _state, Evaluating);
            Read();
            if (IsSatisfied || _isDue)
            {
                Finish();
                return;
            }

            if (TryRest())
                return;
        }
    }

    /// <summary>Parks in every partition. False when something came since the last reading.</summary>
    private bool TryRest()
    {
        for (int i = 0; i < _reads.Length; i++)
        {
            // Leases are not held while parked: the segment may be deleted meanwhile.
            _reads[i].Lease?.Dispose();
            _reads[i].Lease = null;
            _reads[i].Records = default;
        }

        // Bytes may come to any of several partitions, so each of them wakes at the first byte.
        long missingBytes = _reads.Length == 1 ? Math.Max(1, _parameters.BytesMin - SizeBytes) : 1;
        for (int i = 0; i < _reads.Length; i++)
        {
            if (!_reads[i].Partition!.TryPark(_parts[i]!, _reads[i].ReadableBytes, missingBytes))
                return false;
        }

        return !_isDue && Interlocked.CompareExchange(ref _state, Parked, Evaluating) == Evaluating;
    }

    private void Finish()
    {
        Volatile.Write(ref _state, Done);
        _delayed.Remove(this);
        _cancellation.Unregister();
        for (int i = 0; i < _reads.Length; i++)
            _reads[i].Partition?.Unpark(_parts[i]!);
        _source.SetResult(true);
    }
}

/// <summary>One partition of a parked <see cref="FetchOperation"/>.</summary>
internal sealed class PendingFetchPart(FetchOperation owner) : WaitingFetch
{
    public void Wake() => owner.Wake();
}
