using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of record batches of magic 2. Picks the fastest form that the processor has:
/// 512-bit carry-less folding, three interleaved SSE4.2 streams, or one instruction (or table look-up) per 8 bytes.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>
    /// The checksum of what <paramref name="crc"/> covers followed by <paramref name="bytes"/>. Start with 0.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (Crc32CVector512.IsSupported && bytes.Length >= Crc32CVector512.ShortestInput)
            return ~Crc32CVector512.Update(~crc, bytes);
        if (Crc32CThreeWay.IsSupported && bytes.Length >= Crc32CThreeWay.ShortestInput)
            return ~Crc32CThreeWay.Update(~crc, bytes);
        return ~UpdatePortable(~crc, bytes);
    }

    /// <summary>Advances the raw (not inverted) checksum register, eight bytes a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint UpdatePortable(uint register, ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int position = 0;
        for (; position <= bytes.Length - 8; position += 8)
            register = BitOperations.Crc32C(register, ReadUInt64(ref start, position));
        for (; position < bytes.Length; position++)
            register = BitOperations.Crc32C(register, Unsafe.Add(ref start, position));
        return register;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadUInt64(ref byte start, int position)
    {
        ulong value = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, position));
        return BitConverter.IsLittleEndian ? value : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);
    }
}
