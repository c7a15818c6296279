using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

/// <summary>Decodes bytes that may be anything and holds the decoder to its promises.</summary>
public static class AllocationMeter
{
    /// <summary>What an exception with its message and stack trace may take beside the objects of a message.</summary>
    private const long SlackBytes = 32 * 1024;

    /// <summary>Most bytes that decoding a frame may allocate.</summary>
    public static long Allowed(int frameBytes) =>
        Limits.ObjectBytesFloor + ((long)frameBytes * Limits.ObjectBytesPerFrameByte) + SlackBytes;

    /// <summary>
    /// Decodes; true when a message came out. Fails when another exception than <see cref="WireFormatException"/> came, when more memory
    /// was taken than allowed, or when the message does not survive being written and read again.
    /// </summary>
    public static bool Decode(MessageCodec codec, short version, byte[] frame)
    {
        IMessage? message = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            message = codec.Read(frame, version);
        }
        catch (WireFormatException)
        {
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            allocated <= Allowed(frame.Length), $"{codec.Type.Name} v{version}: {allocated} bytes for a frame of {frame.Length}");
        if (message is null)
        {
            return false;
        }

        byte[] written = MessageCodec.Write(message, version);
        byte[] again = MessageCodec.Write(codec.Read(written, version), version);
        Assert.True(written.AsSpan().SequenceEqual(again), $"{codec.Type.Name} v{version} changes when written twice");
        return true;
    }
}
