using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// A produce with acks=-1 that waits until the high watermark reaches its end. Owned by one partition's waiting list; the shell
/// derives from it and answers when <see cref="PartitionLeader.TakeReady"/> hands it back.
/// </summary>
public abstract class WaitingProduce : ChainLink<WaitingProduce>
{
    /// <summary>The leader epoch in which the records were appended.</summary>
    public int LeaderEpoch { get; set; }

    /// <summary>The high watermark that satisfies the produce: the last appended offset plus one.</summary>
    public long RequiredOffset { get; set; }

    /// <summary>The outcome, valid once the wait was handed back.</summary>
    public ErrorCode Result { get; internal set; }

    /// <summary>The wait after this one in a list that was handed back.</summary>
    public WaitingProduce? NextReady { get; internal set; }
}

/// <summary>
/// A fetch of one partition that waits for more bytes. A fetch of several partitions parks one of these in each. Being handed back is
/// a hint to read again, not a promise: the byte counts are upper bounds.
/// </summary>
public abstract class WaitingFetch : ChainLink<WaitingFetch>
{
    internal long SeenBytes;
    internal long MissingBytes;

    /// <summary>Up to where this reader may see the partition.</summary>
    public ReadLimit Limit { get; init; }

    /// <summary>For a follower: the high watermark that it was told; a higher one is worth an answer without records.</summary>
    public long KnownHighWatermark { get; init; } = long.MaxValue;

    /// <summary>The wait after this one in a list that was handed back.</summary>
    public WaitingFetch? NextReady { get; internal set; }
}

/// <summary>Waits that are over, as two chains through <c>NextReady</c>. Complete them after the partition's lock is released.</summary>
/// <param name="Produces">First produce of the chain.</param>
/// <param name="Fetches">First fetch of the chain.</param>
public readonly record struct ReadyWaits(WaitingProduce? Produces, WaitingFetch? Fetches)
{
    /// <summary>True when nothing is to be completed.</summary>
    public bool IsEmpty => Produces is null && Fetches is null;
}
