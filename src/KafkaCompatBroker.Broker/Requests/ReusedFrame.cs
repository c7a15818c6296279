namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// Memory for answers that are done with before the next is asked for: who has large ones again and again saves the allocator and the kernel the pages.
/// After a call that failed it must not be used again, since bytes may still be on their way into it.
/// </summary>
internal sealed class ReusedFrame
{
    private const int KeptBytesMax = 16 * 1024 * 1024;

    private byte[] _bytes = [];

    /// <summary>Room for an answer; what was there before is lost.</summary>
    public Memory<byte> Room(int size)
    {
        if (size > KeptBytesMax)
            return GC.AllocateUninitializedArray<byte>(size);
        if (_bytes.Length < size)
            _bytes = GC.AllocateUninitializedArray<byte>(size);
        return _bytes.AsMemory(0, size);
    }
}
