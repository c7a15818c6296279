namespace KafkaCompatBroker.Network;

/// <summary>What a transfer came to.</summary>
public enum TransferStatus
{
    Done,
    WouldBlock,
    Closed,
}

/// <summary>Where a transport reports readiness; a report comes from the socket callback, each direction one at a time.</summary>
public interface ITransportEvents
{
    void OnReadable();

    void OnSent(int bytes, TransferStatus status);
}

/// <summary>
/// The byte source and sink of a connection. Readiness-shaped, so that an idle connection owns no buffer: wait until there are
/// bytes, then take them. Plaintext is a socket; TLS decrypts behind the same face.
/// </summary>
public interface ITransport : IDisposable
{
    void Start(ITransportEvents events);

    /// <summary>Takes what has arrived, without waiting. <c>Done</c> with 0 bytes never happens: the end of the stream is <c>Closed</c>.</summary>
    TransferStatus Receive(Span<byte> destination, out int bytes);

    /// <summary>True: there may be bytes now, no event follows. False: <see cref="ITransportEvents.OnReadable"/> follows.</summary>
    /// <param name="isPatient">The event may come some milliseconds late, if that makes it cheaper.</param>
    bool WaitReadable(bool isPatient);

    /// <summary>Sends the pieces in order as far as the peer takes them now, without waiting.</summary>
    TransferStatus Send(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, out int bytes);

    /// <summary>
    /// Sends one piece, waiting for the peer as long as needed. True: done now (<paramref name="bytes"/>, or <c>Closed</c>).
    /// False: <see cref="ITransportEvents.OnSent"/> follows; the memory stays valid until then.
    /// </summary>
    bool SendWaiting(ReadOnlyMemory<byte> piece, out int bytes, out TransferStatus status);
}
