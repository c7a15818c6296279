namespace KafkaCompatBroker.Network;

/// <summary>What the reading side of a connection does.</summary>
internal enum ReaderState
{
    /// <summary>A thread is reading or handling frames.</summary>
    Running,

    /// <summary>The transport will report readiness.</summary>
    Waiting,

    /// <summary>Stopped by back-pressure; whoever makes room starts it again.</summary>
    Paused,

    /// <summary>Over; the receive buffer is released.</summary>
    Stopped,
}
