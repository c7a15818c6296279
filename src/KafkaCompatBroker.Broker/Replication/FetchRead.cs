using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>One partition of a fetch: what is asked, where it is, and what the last reading found.</summary>
public struct FetchRead
{
    /// <summary>What the fetcher asks.</summary>
    public FetchedPartition Asked;

    /// <summary>The replica here, or null with <see cref="LookupError"/>.</summary>
    public Partition? Partition;

    /// <summary>Why there is no replica to read.</summary>
    public ErrorCode LookupError;

    /// <summary>For NOT_LEADER_OR_FOLLOWER in <see cref="LookupError"/>: which brokers have it.</summary>
    public PartitionImage? Elsewhere;

    public ErrorCode Error;
    public long HighWatermark;
    public long LastStableOffset;
    public long LogStartOffset;

    /// <summary>Bytes of the mapped segment, kept alive by <see cref="Lease"/>.</summary>
    public ReadOnlyMemory<byte> Records;

    public IDisposable? Lease;

    /// <summary>Aborted transactions in <see cref="Records"/>, by first offset; null unless the fetcher reads committed data.</summary>
    public FetchResponse.AbortedTransaction[]? AbortedTransactions;

    /// <summary>Epoch up to which the fetcher's log agrees with this one, -1 unless it has to truncate (KIP-595).</summary>
    public int DivergingEpoch;

    public long DivergingEndOffset;

    /// <summary>For NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH: who leads (KIP-951); -1 when unknown.</summary>
    public int Leader;

    public int LeaderEpoch;

    /// <summary>Where the fetcher is sent instead (KIP-392), -1 when it is served here.</summary>
    public int PreferredReplica;

    /// <summary>Running total of readable bytes at the reading, for parking.</summary>
    public long ReadableBytes;

    public readonly FetchedPartitionAnswer Answer =>
        new(Error != ErrorCode.None, DivergingEpoch >= 0, Records.Length, HighWatermark, LogStartOffset) { NamesAnotherReplica = PreferredReplica >= 0 };

    /// <summary>Forgets the last reading; its bytes must not be touched any more.</summary>
    public void Clear()
    {
        Lease?.Dispose();
        Lease = null;
        Records = default;
        AbortedTransactions = null;
        Error = ErrorCode.None;
        HighWatermark = -1;
        LastStableOffset = -1;
        LogStartOffset = -1;
        DivergingEpoch = -1;
        DivergingEndOffset = -1;
        Leader = -1;
        LeaderEpoch = -1;
        PreferredReplica = -1;
        ReadableBytes = 0;
    }
}
