using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// CRC-32C by three interleaved SSE4.2 streams, which hides the three-cycle latency of the instruction; the streams are
/// joined by carry-less multiplication.
/// </summary>
internal static class Crc32CThreeWay
{
    internal const int ShortestInput = 3 * ShortStream;

    private const int LongStream = 1024;
    private const int ShortStream = 128;

    // x^(8 * bytes - 33) modulo the polynomial, bit-reflected into 32 bits: moves a register that many bytes onward.
    // 32 of the 33 come from the CRC instruction that reduces the product, one from multiplying reflected operands.
    private const uint OneLongStream = 0x170076fa, TwoLongStreams = 0xa51b6135;
    private const uint OneShortStream = 0x0d3b6092, TwoShortStreams = 0xb9e02b86;

    internal static bool IsSupported => Sse42.X64.IsSupported && Pclmulqdq.IsSupported;

    /// <summary>Advances the raw (not inverted) checksum register.</summary>
    internal static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        int done = 0;
        for (; bytes.Length - done >= 3 * LongStream; done += 3 * LongStream)
            register = Block(register, bytes.Slice(done, 3 * LongStream), LongStream, OneLongStream, TwoLongStreams);
        for (; bytes.Length - done >= 3 * ShortStream; done += 3 * ShortStream)
            register = Block(register, bytes.Slice(done, 3 * ShortStream), ShortStream, OneShortStream, TwoShortStreams);
        return Crc32C.UpdatePortable(register, bytes[done..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Block(uint register, ReadOnlySpan<byte> block, int stream, uint shiftOne, uint shiftTwo)
    {
        ref byte at = ref MemoryMarshal.GetReference(block);
        ulong first = register, second = 0, third = 0;
        for (int position = 0; position < stream; position += 8)
        {
            first = Sse42.X64.Crc32(first, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, position)));
            second = Sse42.X64.Crc32(second, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, position + stream)));
            third = Sse42.X64.Crc32(third, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, position + (2 * stream))));
        }

        return Shift((uint)first, shiftTwo) ^ Shift((uint)second, shiftOne) ^ (uint)third;
    }

    private static uint Shift(uint register, uint constant)
    {
        var product = Pclmulqdq.CarrylessMultiply(
            Vector128.CreateScalar((ulong)register), Vector128.CreateScalar((ulong)constant), 0x00);
        return BitOperations.Crc32C(0, product.ToScalar());
    }
}
