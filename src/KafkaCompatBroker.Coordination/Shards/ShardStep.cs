namespace KafkaCompatBroker.Coordination.Shards;

/// <summary>
/// One step of a shard (a command, a deadline, a change of the cluster's metadata): when it runs and what comes of it. The shell appends
/// the records as one batch, then applies them, and sends the answers once everything up to there is committed. When the
/// append fails nothing is applied and everybody who was answered gets the error instead.
/// </summary>
/// <param name="nowMs">Monotonic time in milliseconds; the scale of every deadline.</param>
/// <param name="wallClockMs">Time since the Unix epoch in milliseconds; the scale of every timestamp in a record.</param>
public sealed class ShardStep(long nowMs, long wallClockMs)
{
    // Made when they are needed: most steps answer one request, and that is all.
    private List<CoordinatorRecord>? _records;
    private List<Reply>? _answered;
    private List<ShardEffect>? _effects;

    /// <summary>Monotonic time in milliseconds.</summary>
    public long NowMs { get; } = nowMs;

    /// <summary>Time since the Unix epoch in milliseconds.</summary>
    public long WallClockMs { get; } = wallClockMs;

    /// <summary>Records to append, in order.</summary>
    public IReadOnlyList<CoordinatorRecord> Records => _records ?? (IReadOnlyList<CoordinatorRecord>)[];

    /// <summary>Those who have their answer now.</summary>
    public IReadOnlyList<Reply> Answered => _answered ?? (IReadOnlyList<Reply>)[];

    /// <summary>What the shell does once the records are committed.</summary>
    public IReadOnlyList<ShardEffect> Effects => _effects ?? (IReadOnlyList<ShardEffect>)[];

    /// <summary>Producer of the transaction to which the records belong; -1 when they stand for themselves.</summary>
    public long ProducerId { get; private set; } = -1;

    /// <summary>Epoch of that producer.</summary>
    public short ProducerEpoch { get; private set; } = -1;

    /// <summary>Appends a record.</summary>
    public void Write(in CoordinatorRecord record) => (_records ??= []).Add(record);

    /// <summary>Makes every record of this step part of a transaction.</summary>
    public void BelongTo(long producerId, short producerEpoch) => (ProducerId, ProducerEpoch) = (producerId, producerEpoch);

    /// <summary>Answers somebody.</summary>
    public void Answer<TResponse>(Reply<TResponse> reply, TResponse response)
        where TResponse : class
    {
        if (reply.Response is not null) throw new InvalidOperationException("The request has an answer already.");
        reply.Response = response;
        (_answered ??= new(1)).Add(reply);
    }

    /// <summary>Asks for something to be done outside.</summary>
    public void Then(ShardEffect effect) => (_effects ??= []).Add(effect);
}
