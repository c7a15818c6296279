using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// Copies some replicas from one leader, over a connection of its own: one fetch at a time, whose answer is in the logs before the next.
/// It runs while there is something to follow; while it waits for the leader it holds no thread.
/// </summary>
internal sealed class ReplicaFetchLane(int leaderId, PeerConnections peers, ReplicaFetchSite site)
{
    private const long LatestOffset = -1;
    private const long EarliestOffset = -2;

    private readonly Lock _lock = new();
    private readonly FollowerFetches _fetches = new(site.Limits);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private bool _isStopped;
    private bool _isReachable = true;
    private ReusedFrame? _frame;

    public void Follow(FollowerCopy copy)
    {
        lock (_lock)
        {
            if (_isStopped)
                return;
            _fetches.Follow(copy);
            _changed.TrySetResult();
            if (_isRunning)
                return;
            _isRunning = true;
            Task before = _running;
            _running = Task.Run(async () =>
            {
                await before.ConfigureAwait(false);
                await RunAsync().ConfigureAwait(false);
            });
        }
    }

    public void Unfollow(TopicIdPartition id)
    {
        lock (_lock)
        {
            _fetches.Unfollow(id);
            _changed.TrySetResult();
        }
    }

    /// <summary>Completes when nothing is written any more; the connections must be closed first.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _isStopped = true;
            _changed.TrySetResult();
            return _running;
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            FetchRequest? request;
            long pauseMs;
            Task changed;
            lock (_lock)
            {
                if (_isStopped || _fetches.Count == 0)
                {
                    _isRunning = false;
                    peers.Drop(leaderId);
                    return;
                }

                if (_changed.Task.IsCompleted)
                    _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _changed.Task;
                long nowMs = site.NowMs;
                request = _fetches.Next(site.BrokerEpoch(), nowMs);
                pauseMs = request is null ? _fetches.NextRetryMs - nowMs : 0;
            }

            if (request is null)
            {
                await PauseAsync(changed, pauseMs).ConfigureAwait(false);
                continue;
            }

            // One bad answer must not end the copying of everything that this leader has.
            Task<bool> fetching = FetchAsync(request);
            await ((Task)fetching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (fetching.Exception?.InnerException is { } cause)
            {
                BrokerLog.FetcherFailed(site.Logger, cause, leaderId);
                lock (_lock)
                    _fetches.Lost();
            }

            if (!fetching.IsCompletedSuccessfully || !fetching.Result)
                await PauseAsync(changed, site.Limits.BackoffMs).ConfigureAwait(false);
        }
    }

    /// <summary>False when the leader should be left alone for a while.</summary>
    private async Task<bool> FetchAsync(FetchRequest request)
    {
        try
        {
            ReusedFrame frame = _frame ?? new();
            _frame = null;
            FetchResponse response = await peers.CallAsync<FetchRequest, FetchResponse>(leaderId, request, site.Timeout, frame).ConfigureAwait(false);
            _isReachable = true;
            IReadOnlyList<FollowerStep> steps;
            bool mustPause;
            lock (_lock)
                steps = _fetches.Digest(response, site.NowMs, out mustPause);
            foreach (FollowerStep step in steps)
                await TakeAsync(step).ConfigureAwait(false);
            _frame = frame;
            return !mustPause;
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException or ObjectDisposedException)
        {
            lock (_lock)
                _fetches.Lost();
            peers.Drop(leaderId);
            if (_isReachable && !_isStopped)
                BrokerLog.LeaderUnreachable(site.Logger, leaderId, cause.Message);
            _isReachable = false;
            return false;
        }
    }

    private async Task TakeAsync(FollowerStep step)
    {
        FollowerCopy copy = (FollowerCopy)step.Replica;
        ErrorCode error;
        string? reason = null;
        try
        {
            error = step.Kind switch
            {
                FollowerStepKind.Append => copy.Append(step.Answer, site.NowMs, out reason),
                FollowerStepKind.Truncate => Truncate(copy, step.Answer.DivergingEpoch),
                FollowerStepKind.FindOffsets => await FindOffsetsAsync(copy).ConfigureAwait(false),
                _ => step.Answer.ErrorCode,
            };
        }
        catch (StorageException cause)
        {
            error = ErrorCode.KafkaStorageError;
            reason = cause.Message;
        }

        // An older epoch: whatever follows now is asked for already.
        if (error is ErrorCode.None || (step.Kind != FollowerStepKind.Rest && error == ErrorCode.FencedLeaderEpoch))
            return;
        if (step.Kind == FollowerStepKind.Append)
            BrokerLog.CopyFailed(site.Logger, copy.Partition.Name, leaderId, copy.Position.LogEndOffset, error, reason);
        else
            BrokerLog.FollowRefused(site.Logger, copy.Partition.Name, leaderId, error);
        lock (_lock)
        {
            // A directory that failed stays so until a restart.
            if (copy.Partition.Log.IsOffline)
                _fetches.Unfollow(copy.Id);
            else
                _fetches.Rest(copy, site.NowMs);
        }
    }

    private ErrorCode Truncate(FollowerCopy copy, FetchResponse.EpochEndOffset diverging)
    {
        ErrorCode error = copy.TruncateTo(diverging.Epoch, diverging.EndOffset, site.NowMs);
        if (error == ErrorCode.None)
            BrokerLog.CopyCut(site.Logger, copy.Partition.Name, copy.Position.LogEndOffset, leaderId);
        return error;
    }

    private async Task<ErrorCode> FindOffsetsAsync(FollowerCopy copy)
    {
        ListOffsetsResponse.ListOffsetsPartitionResponse latest = await ListAsync(copy, LatestOffset).ConfigureAwait(false);
        if (latest.ErrorCode != ErrorCode.None)
            return latest.ErrorCode;
        ListOffsetsResponse.ListOffsetsPartitionResponse earliest = await ListAsync(copy, EarliestOffset).ConfigureAwait(false);
        if (earliest.ErrorCode != ErrorCode.None)
            return earliest.ErrorCode;

        ErrorCode error = copy.MoveInside(earliest.Offset, latest.Offset, site.NowMs);
        if (error == ErrorCode.None)
            BrokerLog.CopyCut(site.Logger, copy.Partition.Name, copy.Position.LogEndOffset, leaderId);
        return error;
    }

    private async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> ListAsync(FollowerCopy copy, long timestamp)
    {
        ListOffsetsRequest request = new()
        {
            ReplicaId = site.Limits.BrokerId,
            Topics =
            [
                new()
                {
                    Name = copy.Topic,
                    Partitions = [new() { PartitionIndex = copy.Id.Partition, CurrentLeaderEpoch = copy.LeaderEpoch, Timestamp = timestamp }],
                },
            ],
        };
        ListOffsetsResponse answer = await peers.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(leaderId, request, site.Timeout).ConfigureAwait(false);
        return answer.Topics is [{ Partitions: [var partition] }] ? partition : throw new WireFormatException("The answer to ListOffsets is about something else.");
    }

    private async Task PauseAsync(Task changed, long pauseMs) =>
        await changed.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, pauseMs)), site.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
