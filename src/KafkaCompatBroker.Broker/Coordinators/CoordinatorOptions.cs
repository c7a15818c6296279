using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>Makes the empty shard of a partition that this broker leads from <paramref name="leaderEpoch"/> on.</summary>
public delegate TShard ShardFactory<out TShard>(int partition, int leaderEpoch)
    where TShard : class, ICoordinatorShard;

/// <summary>Carries out what a shard asked for. Called once its records are committed, inside its mailbox; must not block.</summary>
public delegate void ShardEffects(int partition, int leaderEpoch, ShardEffect effect);

/// <summary>What differs between the coordinators of groups, transactions and share groups.</summary>
public sealed record CoordinatorOptions
{
    public required int BrokerId { get; init; }

    /// <summary>Whose records the log holds.</summary>
    public required CoordinatorLog Log { get; init; }

    /// <summary>Name of the internal topic.</summary>
    public required string Topic { get; init; }

    /// <summary>How batches are compressed.</summary>
    public CompressionType Codec { get; init; }

    /// <summary>How long an answer may wait for its records to be committed, in milliseconds; read for each write.</summary>
    public Func<int> CommitTimeoutMs { get; init; } = () => 5_000;

    /// <summary>
    /// How long a batch is kept open for the records of further steps, in milliseconds; 0 appends each step for itself, -1 keeps it open for what
    /// waits in the mailbox already.
    /// </summary>
    public int AppendLingerMs { get; init; }

    /// <summary>How much memory a shard keeps for its next batch, in bytes; read for each write.</summary>
    public Func<int> KeptBufferBytesMax { get; init; } = () => 1_048_588;

    /// <summary>How much of a log is read at a time when it is loaded, in bytes.</summary>
    public int LoadBufferBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>How many logs are loaded at a time.</summary>
    public int LoadsAtOnce { get; init; } = 1;

    /// <summary>Receives the effects of every shard.</summary>
    public ShardEffects Effects { get; init; } = static (_, _, _) => { };
}
