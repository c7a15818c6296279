using System.Net;

namespace KafkaCompatBroker.Network;

/// <summary>One listener: a name, an address and what differs from <see cref="NetworkOptions"/>.</summary>
public sealed record ListenerOptions
{
    /// <summary>Kafka's listener name (<c>PLAINTEXT</c>, <c>INTERNAL</c>, ...); a label for the network, nothing more.</summary>
    public required string Name { get; init; }

    /// <summary>Host to bind: a name, an IPv4 or IPv6 address; null or empty binds every interface, both families.</summary>
    public string? Host { get; init; }

    /// <summary>Port to bind; 0 lets the kernel choose (<see cref="TcpListenerLoop.LocalEndPoint"/> tells which).</summary>
    public required int Port { get; init; }

    /// <summary>Connections of this listener (<c>listener.name.NAME.max.connections</c>).</summary>
    public int ConnectionsMax { get; init; } = int.MaxValue;

    /// <summary>New connections a second on this listener (<c>listener.name.NAME.max.connection.creation.rate</c>).</summary>
    public int ConnectionsPerSecondMax { get; init; } = int.MaxValue;

    /// <summary>Replaces <see cref="NetworkOptions.FrameBytesMax"/> on this listener.</summary>
    public int? FrameBytesMax { get; init; }

    /// <summary>Makes the byte source and sink of an accepted socket; null is plaintext. TLS enters here.</summary>
    public ITransportFactory? Transports { get; init; }
}

/// <summary>Wraps an accepted socket into a transport (plaintext, TLS).</summary>
public interface ITransportFactory
{
    ITransport Create(System.Net.Sockets.Socket socket, EndPoint remote);
}
