namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The levels of a feature that a node supports, both included.</summary>
public readonly record struct FeatureRange(short Lowest, short Highest);
