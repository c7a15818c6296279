namespace KafkaCompatBroker.Coordination.Shards;

/// <summary>Something outside of a shard that has to be done once the records of the step that asked for it are committed.</summary>
public abstract record ShardEffect;
