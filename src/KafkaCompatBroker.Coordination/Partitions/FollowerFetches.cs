using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// The replicas that copy one leader: makes the Fetch requests, incremental ones where the leader gives a session (KIP-227), and turns
/// answers into steps. How far a copy reaches is always asked of the copy itself, so nothing here can contradict a log. Pure and not
/// thread-safe; one request is under way at a time.
/// </summary>
/// <param name="limits">How to fetch.</param>
public sealed class FollowerFetches(FollowerLimits limits)
{
    private readonly Dictionary<TopicIdPartition, FollowedReplica> _replicas = [];
    private readonly HashSet<TopicIdPartition> _forgotten = [];
    private readonly FollowerSession _session = new();
    private bool _wasRefused;

    /// <summary>Number of replicas, those that rest included.</summary>
    public int Count => _replicas.Count;

    /// <summary>When the first replica that rests or is held back is due, in milliseconds; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextRetryMs { get; private set; } = long.MaxValue;

    /// <summary>Adds a replica; it takes the place of one of the same partition.</summary>
    /// <param name="replica">The replica in its leader epoch.</param>
    public void Follow(FollowedReplica replica)
    {
        Unfollow(replica.Id);
        _replicas[replica.Id] = replica;
    }

    /// <summary>Takes a replica out.</summary>
    /// <param name="id">The partition.</param>
    public void Unfollow(TopicIdPartition id)
    {
        if (_replicas.Remove(id, out FollowedReplica? replica))
            LeaveOut(replica);
    }

    /// <summary>Lets a replica rest after an error that only time can heal.</summary>
    /// <param name="replica">The replica; one that is not followed any more is ignored.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    public void Rest(FollowedReplica replica, long nowMs)
    {
        if (IsFollowed(replica))
            replica.RetryAtMs = nowMs + limits.BackoffMs;
    }

    /// <summary>Makes the next request.</summary>
    /// <param name="brokerEpoch">The follower's broker epoch (KIP-903).</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <returns>Null when there is nothing to ask before <see cref="NextRetryMs"/>.</returns>
    public FetchRequest? Next(long brokerEpoch, long nowMs)
    {
        if (_session.IsFull)
            ForgetSession();

        Dictionary<Uuid, List<FollowedReplica>> asked = [];
        int active = 0;
        NextRetryMs = long.MaxValue;
        foreach (FollowedReplica replica in _replicas.Values)
        {
            if (replica.RetryAtMs > nowMs)
            {
                NextRetryMs = Math.Min(NextRetryMs, replica.RetryAtMs);
                LeaveOut(replica);
                continue;
            }

            if (replica.IsHeldBack)
            {
                NextRetryMs = Math.Min(NextRetryMs, nowMs + limits.BackoffMs);
                LeaveOut(replica);
                continue;
            }

            active++;
            FollowerPosition position = replica.Position;
            if (replica.Asked == position)
                continue;

            replica.Asked = position;
            _forgotten.Remove(replica.Id);
            if (!asked.TryGetValue(replica.Id.TopicId, out List<FollowedReplica>? topic))
                asked[replica.Id.TopicId] = topic = [];
            topic.Add(replica);
        }

        return active == 0 ? null : Request(asked, brokerEpoch);
    }

    /// <summary>Turns an answer into steps, in its order. Replicas that were given another epoch or leader meanwhile are left out.</summary>
    /// <param name="response">The answer to the last request.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <param name="mustPause">True when the leader refuses the fetch as a whole and goes on doing so.</param>
    public IReadOnlyList<FollowerStep> Digest(FetchResponse response, long nowMs, out bool mustPause)
    {
        mustPause = response.ErrorCode != ErrorCode.None && _wasRefused;
        _wasRefused = response.ErrorCode != ErrorCode.None;
        if (_wasRefused)
        {
            _session.Refused(response.ErrorCode);
            return [];
        }

        _session.Answered(response.SessionId);
        List<FollowerStep> steps = [];
        foreach (FetchResponse.FetchableTopicResponse topic in response.Responses)
        {
            foreach (FetchResponse.PartitionData partition in topic.Partitions)
            {
                if (_replicas.TryGetValue(new(topic.TopicId, partition.PartitionIndex), out FollowedReplica? replica) && replica.Asked is not null)
                    steps.Add(Step(replica, partition, nowMs));
            }
        }

        return steps;
    }

    /// <summary>No answer came to the last request.</summary>
    public void Lost() => _session.Lost();

    private FollowerStep Step(FollowedReplica replica, FetchResponse.PartitionData partition, long nowMs)
    {
        switch (partition.ErrorCode)
        {
            case ErrorCode.None:
                bool isDiverging = partition.DivergingEpoch is { EndOffset: >= 0 };
                return new(isDiverging ? FollowerStepKind.Truncate : FollowerStepKind.Append, replica, partition);
            case ErrorCode.OffsetOutOfRange:
                return new(FollowerStepKind.FindOffsets, replica, partition);
            default:
                // Whoever is behind, this broker or the leader, learns of the newer epoch, topic or leader from the metadata log.
                Rest(replica, nowMs);
                return new(FollowerStepKind.Rest, replica, partition);
        }
    }

    private bool IsFollowed(FollowedReplica replica) =>
        _replicas.TryGetValue(replica.Id, out FollowedReplica? current) && ReferenceEquals(current, replica);

    private void LeaveOut(FollowedReplica replica)
    {
        if (replica.Asked is null)
            return;

        replica.Asked = null;
        _forgotten.Add(replica.Id);
    }

    private void ForgetSession()
    {
        _forgotten.Clear();
        foreach (FollowedReplica replica in _replicas.Values)
            replica.Asked = null;
    }

    private FetchRequest Request(Dictionary<Uuid, List<FollowedReplica>> asked, long brokerEpoch)
    {
        FetchRequest request = new()
        {
            ReplicaState = new() { ReplicaId = limits.BrokerId, ReplicaEpoch = brokerEpoch },
            MaxWaitMs = limits.WaitMsMax,
            MinBytes = limits.BytesMin,
            MaxBytes = limits.BytesMax,
            SessionId = _session.Id,
            SessionEpoch = _session.Epoch,
            Topics = [.. asked.Values.Select(Topic)],
            ForgottenTopicsData =
            [
                .. _forgotten.GroupBy(static gone => gone.TopicId).Select(static topic => new FetchRequest.ForgottenTopic
                {
                    TopicId = topic.Key,
                    Partitions = [.. topic.Select(static gone => gone.Partition)],
                }),
            ],
        };
        _forgotten.Clear();
        return request;
    }

    private FetchRequest.FetchTopic Topic(List<FollowedReplica> replicas) => new()
    {
        TopicId = replicas[0].Id.TopicId,
        Partitions =
        [
            .. replicas.Select(replica => new FetchRequest.FetchPartition
            {
                Partition = replica.Id.Partition,
                CurrentLeaderEpoch = replica.LeaderEpoch,
                FetchOffset = replica.Asked!.Value.LogEndOffset,
                LastFetchedEpoch = replica.Asked.Value.LastEpoch,
                LogStartOffset = replica.Asked.Value.LogStartOffset,
                PartitionMaxBytes = limits.PartitionBytesMax,
            }),
        ],
    };
}
