namespace KafkaCompatBroker.Network;

/// <summary>
/// What happens to the frames of a listener. All calls for one connection come one at a time, on the socket callback:
/// they run to completion and never block.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>Before the first frame; the place to set <see cref="Connection.State"/>.</summary>
    void OnOpened(Connection connection);

    /// <summary>
    /// A complete frame, without its length prefix. The handler opens one slot with <see cref="Connection.OpenSlot"/>; the
    /// memory stays valid until that slot completes (or <see cref="ResponseSlot.ReleaseFrame"/>).
    /// </summary>
    /// <returns>
    /// False when the frame has to wait until every earlier slot of this connection has completed: it is offered again then,
    /// and nothing more is read meanwhile.
    /// </returns>
    bool OnFrame(Connection connection, ReadOnlyMemory<byte> frame);

    /// <summary>After the last frame, once, from any thread; slots that are still open may complete later without effect.</summary>
    void OnClosed(Connection connection, CloseReason reason);
}
