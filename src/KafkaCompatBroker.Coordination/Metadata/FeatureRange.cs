namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The levels of a feature that a node supports, both included.</summary>
/// <remarks>A class: the runtime has collections of references compiled ahead, those of structs would be compiled at each start.</remarks>
public sealed record FeatureRange(short Lowest, short Highest);
