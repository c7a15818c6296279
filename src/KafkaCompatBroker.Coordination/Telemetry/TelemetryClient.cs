using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Telemetry;

/// <summary>What is known of a client that asks which metrics to push, for subscriptions to match (KIP-714).</summary>
/// <param name="InstanceId">The id that it was given.</param>
/// <param name="ClientId">Its client.id; empty for none.</param>
/// <param name="SoftwareName">As told in ApiVersions.</param>
/// <param name="SoftwareVersion">As told in ApiVersions.</param>
/// <param name="SourceAddress">The address that it connects from.</param>
/// <param name="SourcePort">The port that it connects from.</param>
public sealed record TelemetryClient(
    Uuid InstanceId, string ClientId, string SoftwareName, string SoftwareVersion, string SourceAddress, string SourcePort);
