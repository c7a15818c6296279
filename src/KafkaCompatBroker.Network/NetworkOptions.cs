namespace KafkaCompatBroker.Network;

/// <summary>Limits that all listeners of one broker share. Kafka's property is named where there is one.</summary>
public sealed record NetworkOptions
{
    /// <summary>Largest request frame without its length prefix (<c>socket.request.max.bytes</c>).</summary>
    public int FrameBytesMax { get; init; } = 100 * 1024 * 1024;

    /// <summary>Connections of all listeners together (<c>max.connections</c>); more wait in the listen backlog.</summary>
    public int ConnectionsMax { get; init; } = int.MaxValue;

    /// <summary>Connections from one address (<c>max.connections.per.ip</c>); more are closed at once.</summary>
    public int ConnectionsPerAddressMax { get; init; } = int.MaxValue;

    /// <summary>Exceptions from <see cref="ConnectionsPerAddressMax"/> by address text (<c>max.connections.per.ip.overrides</c>).</summary>
    public IReadOnlyDictionary<string, int> ConnectionsPerAddressOverrides { get; init; } = new Dictionary<string, int>();

    /// <summary>New connections a second, all listeners together (<c>max.connection.creation.rate</c>).</summary>
    public int ConnectionsPerSecondMax { get; init; } = int.MaxValue;

    /// <summary>New connections a second from one address (quota <c>connection_creation_rate</c>, KIP-612); more are closed at once.</summary>
    public int ConnectionsPerSecondOfAddressMax { get; init; } = int.MaxValue;

    /// <summary>Exceptions from <see cref="ConnectionsPerSecondOfAddressMax"/> by address text.</summary>
    public IReadOnlyDictionary<string, int> ConnectionsPerSecondByAddress { get; init; } = new Dictionary<string, int>();

    /// <summary>Limits of listeners by name, where they differ from those that <see cref="ListenerOptions"/> gave them.</summary>
    public IReadOnlyDictionary<string, ListenerLimits> LimitsOfListeners { get; init; } = new Dictionary<string, ListenerLimits>();

    /// <summary>A connection without traffic for this long is closed (<c>connections.max.idle.ms</c>).</summary>
    public long IdleMsMax { get; init; } = 600_000;

    /// <summary>Kernel send buffer (<c>socket.send.buffer.bytes</c>); -1 leaves it to the kernel's autotuning.</summary>
    public int SendBufferBytes { get; init; } = -1;

    /// <summary>Kernel receive buffer (<c>socket.receive.buffer.bytes</c>); -1 leaves it to the kernel's autotuning.</summary>
    public int ReceiveBufferBytes { get; init; } = -1;

    /// <summary>Connections that the kernel may hold before they are accepted (<c>socket.listen.backlog.size</c>).</summary>
    public int ListenBacklog { get; init; } = 50;

    /// <summary>Receive memory of all connections together (<c>queued.max.request.bytes</c>); when used up, reading stops.</summary>
    public long RequestMemoryBytesMax { get; init; } = 512L * 1024 * 1024;

    /// <summary>Requests of one connection that are read but not answered; at this count reading stops.</summary>
    public int RequestsInFlightMax { get; init; } = 128;

    /// <summary>Frame bytes of one connection that are read but not answered; at this size reading stops.</summary>
    public long RequestBytesInFlightMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Answers of one connection that wait for the peer to read; at this size no further request is started.</summary>
    public long UnsentBytesMax { get; init; } = 1024 * 1024;

    /// <summary>A peer that takes no byte of a waiting answer for this long is closed.</summary>
    public long WriteStallMsMax { get; init; } = 30_000;

    /// <summary>A started frame may take this long before <see cref="FrameBytesPerSecondMin"/> is asked of it.</summary>
    public long FrameGraceMs { get; init; } = 10_000;

    /// <summary>Slowest rate at which a started frame may arrive after its grace.</summary>
    public int FrameBytesPerSecondMin { get; init; } = 1024;

    /// <summary>A connection that waits this long for request memory is closed, so that half-read frames cannot lock each other.</summary>
    public long MemoryWaitMsMax { get; init; } = 30_000;

    /// <summary>How often the one timer looks at all connections.</summary>
    public long WatchIntervalMs { get; init; } = 500;
}
