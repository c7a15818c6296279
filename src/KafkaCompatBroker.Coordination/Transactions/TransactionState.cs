using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>All that is known of one transactional id: one record of the log. Immutable; each change is a new one.</summary>
public sealed record TransactionState
{
    /// <summary>No producer id.</summary>
    public const long NoProducerId = -1;

    /// <summary>No epoch.</summary>
    public const short NoProducerEpoch = -1;

    /// <summary>The timeout of a transaction that only its producer ends, Kafka's sign of it in the log.</summary>
    public const int TwoPhaseTimeoutMs = int.MaxValue;

    /// <summary>The first transaction version whose clients bump the epoch with every transaction (KIP-890).</summary>
    public const short EpochBumpVersion = 2;

    /// <summary>The key.</summary>
    public required string TransactionalId { get; init; }

    /// <summary>Id of the producer that has the transactional id.</summary>
    public required long ProducerId { get; init; }

    /// <summary>The producer id before the last change; mostly the same.</summary>
    public long PreviousProducerId { get; init; } = NoProducerId;

    /// <summary>The id that replaces an exhausted one when the markers are written; -1 otherwise.</summary>
    public long NextProducerId { get; init; } = NoProducerId;

    /// <summary>Epoch of the producer; in a prepared transaction that of its markers.</summary>
    public required short ProducerEpoch { get; init; }

    /// <summary>The epoch before the last bump, whose owner may repeat the request that bumped; -1 when nobody may. Not in the log as such.</summary>
    public short LastProducerEpoch { get; init; } = NoProducerEpoch;

    /// <summary>transaction.timeout.ms of the producer.</summary>
    public int TimeoutMs { get; init; }

    /// <summary>Whether the coordinator ends what the producer leaves open; not so for two-phase commit (KIP-939).</summary>
    public bool TimesOut => TimeoutMs != TwoPhaseTimeoutMs;

    /// <summary>Where it stands.</summary>
    public TransactionStatus Status { get; init; }

    /// <summary>Partitions of the open or prepared transaction, in the order in which they joined.</summary>
    public IReadOnlyList<TopicPartition> Partitions { get; init; } = [];

    /// <summary>When the last transaction began, Unix milliseconds; -1 before the first.</summary>
    public long StartedMs { get; init; } = -1;

    /// <summary>When this was written, Unix milliseconds.</summary>
    public long UpdatedMs { get; init; }

    /// <summary>Transaction version that the client showed by its last request.</summary>
    public short ClientVersion { get; init; }

    /// <summary>Commit or abort is decided, markers are not written yet.</summary>
    public bool IsPrepared => Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort;

    /// <summary>Nothing is open: the id may expire.</summary>
    public bool IsIdle => Status is TransactionStatus.Empty or TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort;

    /// <summary>Who owns it.</summary>
    public ProducerClaim Producer => new(TransactionalId, ProducerId, ProducerEpoch);

    /// <summary>Id and epoch that the producer uses after the end of the prepared or completed transaction.</summary>
    public (long ProducerId, short ProducerEpoch) AfterEnd => NextProducerId >= 0 ? (NextProducerId, (short)0) : (ProducerId, ProducerEpoch);

    /// <summary>Whether a partition takes part.</summary>
    public bool Contains(TopicPartition partition) => Partitions.Contains(partition);

    /// <summary>Reads a record.</summary>
    public static TransactionState Read(TransactionLogKey key, TransactionLogValue value)
    {
        var status = (TransactionStatus)value.TransactionStatus;
        return new TransactionState
        {
            TransactionalId = key.TransactionalId,
            ProducerId = value.ProducerId,
            PreviousProducerId = value.PreviousProducerId,
            NextProducerId = value.NextProducerId,
            ProducerEpoch = value.ProducerEpoch,
            LastProducerEpoch = BumpedFrom(value, status),
            TimeoutMs = value.TransactionTimeoutMs,
            Status = status,
            Partitions = [.. (value.TransactionPartitions ?? []).SelectMany(static topic => topic.PartitionIds.Select(index => new TopicPartition(topic.Topic, index)))],
            StartedMs = value.TransactionStartTimestampMs,
            UpdatedMs = value.TransactionLastUpdateTimestampMs,
            ClientVersion = value.ClientTransactionVersion,
        };
    }

    /// <summary>Makes the record of this state.</summary>
    /// <param name="transactionVersion">Finalized transaction.version; 0 knows only the first version of the value.</param>
    public CoordinatorRecord ToRecord(short transactionVersion)
    {
        short version = transactionVersion > 0 ? (short)1 : (short)0;
        var value = new TransactionLogValue
        {
            ProducerId = ProducerId,
            ProducerEpoch = ProducerEpoch,
            TransactionTimeoutMs = TimeoutMs,
            TransactionStatus = (sbyte)Status,
            TransactionPartitions = Status == TransactionStatus.Empty ? null : [.. Partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic =>
                new TransactionLogValue.PartitionsSchema { Topic = topic.Key, PartitionIds = [.. topic.Select(static partition => partition.Partition)] })],
            TransactionLastUpdateTimestampMs = UpdatedMs,
            TransactionStartTimestampMs = StartedMs,
        };
        if (version > 0)
        {
            value.PreviousProducerId = PreviousProducerId;
            value.NextProducerId = NextProducerId;
            value.ClientTransactionVersion = ClientVersion;
        }

        return new CoordinatorRecord(new TransactionLogKey { TransactionalId = TransactionalId }, value, version);
    }

    // An ended transaction of version 2 was bumped by its end, so that its former epoch follows from the record.
    private static short BumpedFrom(TransactionLogValue value, TransactionStatus status)
    {
        if (value.ClientTransactionVersion < EpochBumpVersion || status is TransactionStatus.Empty or TransactionStatus.Ongoing)
            return NoProducerEpoch;
        return value.ProducerEpoch > 0 ? (short)(value.ProducerEpoch - 1) : ProducerFencing.LastUsableEpoch;
    }
}
