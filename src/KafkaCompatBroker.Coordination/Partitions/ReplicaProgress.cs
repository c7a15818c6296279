namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>What the leader knows of one follower from its fetches.</summary>
/// <param name="replicaId">Broker id of the follower.</param>
public sealed class ReplicaProgress(int replicaId)
{
    private long _lastFetchMs;
    private long _leaderEndAtLastFetch;

    /// <summary>Broker id of the follower.</summary>
    public int ReplicaId { get; } = replicaId;

    /// <summary>First offset that the follower lacks; -1 before its first fetch.</summary>
    public long LogEndOffset { get; private set; } = -1;

    /// <summary>The follower's log start offset; -1 before its first fetch.</summary>
    public long LogStartOffset { get; private set; } = -1;

    /// <summary>Latest time at which the follower is known to have held all that the leader had, in milliseconds.</summary>
    public long LastCaughtUpMs { get; private set; }

    /// <summary>The epoch of the start in which the follower fetched last; -1 when it is not known (KIP-903).</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>Whether the broker might enter the in-sync replicas when it fetched last.</summary>
    public bool IsEligible { get; private set; }

    /// <summary>
    /// Whether the high watermark waits for the follower although it is not in sync: it keeps up, and would never get in if the high
    /// watermark always were ahead.
    /// </summary>
    public bool IsJoining { get; internal set; }

    /// <summary>Forgets the progress when leadership begins; an in-sync follower gets the benefit of the doubt until it lags.</summary>
    /// <param name="isInSync">Whether the follower is in the ISR.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    public void Reset(bool isInSync, long nowMs)
    {
        LogEndOffset = -1;
        LogStartOffset = -1;
        BrokerEpoch = -1;
        IsEligible = false;
        IsJoining = false;
        LastCaughtUpMs = isInSync ? nowMs : 0;
        _lastFetchMs = 0;
        _leaderEndAtLastFetch = -1;
    }

    /// <summary>Notes a fetch of the follower.</summary>
    /// <param name="fetch">What it says.</param>
    /// <param name="leaderLogEndOffset">The leader's log end offset at this moment.</param>
    public void Fetched(in FollowerFetch fetch, long leaderLogEndOffset)
    {
        // A follower that always lags by the newest batch has still caught up with what was there at its previous fetch.
        if (fetch.Offset >= leaderLogEndOffset)
            LastCaughtUpMs = Math.Max(LastCaughtUpMs, fetch.NowMs);
        else if (_leaderEndAtLastFetch >= 0 && fetch.Offset >= _leaderEndAtLastFetch)
            LastCaughtUpMs = Math.Max(LastCaughtUpMs, _lastFetchMs);

        LogEndOffset = fetch.Offset;
        LogStartOffset = fetch.LogStartOffset;
        BrokerEpoch = fetch.BrokerEpoch;
        IsEligible = fetch.IsEligible;
        _lastFetchMs = fetch.NowMs;
        _leaderEndAtLastFetch = leaderLogEndOffset;
    }

    /// <summary>Whether the follower held everything within the last <paramref name="lagTimeMaxMs"/> milliseconds.</summary>
    /// <param name="leaderLogEndOffset">The leader's log end offset.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <param name="lagTimeMaxMs"><c>replica.lag.time.max.ms</c>.</param>
    public bool IsCaughtUp(long leaderLogEndOffset, long nowMs, long lagTimeMaxMs) =>
        LogEndOffset == leaderLogEndOffset || nowMs - LastCaughtUpMs <= lagTimeMaxMs;
}
