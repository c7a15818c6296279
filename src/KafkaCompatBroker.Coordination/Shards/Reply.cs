namespace KafkaCompatBroker.Coordination.Shards;

/// <summary>Somebody who waits for an answer. A shard keeps it as long as it likes and answers it once; the shell derives from it.</summary>
public abstract class Reply;

/// <summary>Somebody who waits for an answer of one type.</summary>
public abstract class Reply<TResponse> : Reply
    where TResponse : class
{
    /// <summary>The answer, set when a step gives it; sent when what the step wrote is committed.</summary>
    public TResponse? Response { get; internal set; }
}
