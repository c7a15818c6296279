namespace KafkaCompatBroker.Network;

/// <summary>Why a connection ended: a metric tag and a word of the log line.</summary>
public enum CloseReason
{
    PeerClosed,
    PeerFailed,
    FrameSizeInvalid,
    FrameTooLarge,
    FrameTooSlow,
    WriteStalled,
    Idle,
    RequestMemoryExhausted,
    ProtocolViolation,
    HandlerFailed,
    ClosedByHandler,
    Shutdown,
}
