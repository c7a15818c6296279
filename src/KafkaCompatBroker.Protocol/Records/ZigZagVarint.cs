using System.Numerics;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>The signed variable-length integers of records: zig-zag, seven bits a byte, lowest first.</summary>
internal static class ZigZagVarint
{
    internal const int LongestInt32 = 5;
    internal const int LongestInt64 = 10;

    internal static int SizeOf(long value) => (BitOperations.Log2(Encode(value) | 1) / 7) + 1;

    internal static int Write(Span<byte> destination, long value)
    {
        ulong left = Encode(value);
        int position = 0;
        while (left >= 0x80)
        {
            destination[position++] = (byte)(left | 0x80);
            left >>= 7;
        }

        destination[position++] = (byte)left;
        return position;
    }

    internal static long Decode(ulong raw) => (long)(raw >> 1) ^ -(long)(raw & 1);

    private static ulong Encode(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);
}
