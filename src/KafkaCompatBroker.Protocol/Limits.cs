namespace KafkaCompatBroker.Protocol;

/// <summary>Every bound that decoding puts on input, with its unit and reason.</summary>
public static class Limits
{
    /// <summary>Longest string in bytes: older versions have a 16-bit length, newer ones keep the bound.</summary>
    public const int StringBytesMax = short.MaxValue;

    /// <summary>Most tagged fields in one struct. No message defines more than a dozen; each costs only two bytes to send.</summary>
    public const int TaggedFieldsMax = 1024;

    /// <summary>
    /// Bytes of objects that decoding may create for each byte of the frame. Honest messages need up to 8 (many short names); a hostile
    /// frame of two-byte elements would need 50 and more.
    /// </summary>
    public const int ObjectBytesPerFrameByte = 8;

    /// <summary>Bytes of objects that any frame may create, so that small frames of short names pass.</summary>
    public const int ObjectBytesFloor = 256 * 1024;

    /// <summary>Payload from which a field of records is sent by reference instead of being copied, in bytes.</summary>
    public const int ReferencedBytesMin = 4 * 1024;
}
