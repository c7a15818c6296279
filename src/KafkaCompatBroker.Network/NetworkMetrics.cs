using System.Diagnostics.Metrics;

namespace KafkaCompatBroker.Network;

/// <summary>Instruments of the network on the broker's one meter.</summary>
internal sealed class NetworkMetrics(Meter meter)
{
    public Counter<long> BytesReceived { get; } = meter.CreateCounter<long>("network.bytes.received", "By");

    public Counter<long> BytesSent { get; } = meter.CreateCounter<long>("network.bytes.sent", "By");

    public UpDownCounter<long> ConnectionsActive { get; } = meter.CreateUpDownCounter<long>("network.connections.active");

    public Counter<long> ConnectionsAccepted { get; } = meter.CreateCounter<long>("network.connections.accepted");

    public Counter<long> ConnectionsClosed { get; } = meter.CreateCounter<long>("network.connections.closed");

    public Counter<long> ConnectionsRefused { get; } = meter.CreateCounter<long>("network.connections.refused");

    public Counter<long> AcceptFailures { get; } = meter.CreateCounter<long>("network.accept.failures");

    public Counter<long> ReadPauses { get; } = meter.CreateCounter<long>("network.read.pauses");
}
