using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>A registered controller. Immutable.</summary>
public sealed record ControllerImage(
    int Id,
    Uuid IncarnationId,
    ImmutableArray<NodeEndpoint> Endpoints,
    ImmutableSortedDictionary<string, FeatureRange> Features);
