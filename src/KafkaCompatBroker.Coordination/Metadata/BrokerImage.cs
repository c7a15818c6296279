using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>A registered broker. Immutable.</summary>
public sealed record BrokerImage
{
    public required int Id { get; init; }

    /// <summary>Offset of the registration record; identifies this start of the broker.</summary>
    public required long Epoch { get; init; }

    public required Uuid IncarnationId { get; init; }

    public required ImmutableArray<NodeEndpoint> Endpoints { get; init; }

    public required ImmutableSortedDictionary<string, FeatureRange> Features { get; init; }

    public string? Rack { get; init; }

    /// <summary>A fenced broker leads nothing and is hidden from clients.</summary>
    public required bool IsFenced { get; init; }

    public bool IsInControlledShutdown { get; init; }

    public bool IsMigratingZkBroker { get; init; }

    public ImmutableArray<Uuid> LogDirs { get; init; } = [];

    /// <summary>Directories that take no new partitions (KIP-1066); default (not empty) when never reported.</summary>
    public ImmutableArray<Uuid> CordonedLogDirs { get; init; }

    /// <summary>True when the broker may lead partitions.</summary>
    public bool IsActive => !IsFenced && !IsInControlledShutdown;

    /// <summary>The endpoint of a listener, or null.</summary>
    public NodeEndpoint? EndpointOf(string listener)
    {
        foreach (NodeEndpoint endpoint in Endpoints)
            if (endpoint.Listener == listener) return endpoint;
        return null;
    }
}
