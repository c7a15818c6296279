using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// CRC-32C by folding 512-bit lanes with carry-less multiplication (AVX-512 and VPCLMULQDQ).
/// </summary>
internal static class Crc32CVector512
{
    /// <summary>Below this many bytes the set-up costs more than the folding gains.</summary>
    internal const int ShortestInput = 256;

    // x^(n+63) and x^(n-1) modulo the Castagnoli polynomial, bit-reflected into 64 bits: multiplying the first and second
    // half of a reflected 128-bit lane by them moves the lane n bits towards the end of the message. The odd exponents
    // undo the one-bit shift that a product of reflected operands carries.
    private const ulong Fold2048Low = 0xe9a5d8be00000000, Fold2048High = 0x1426a81500000000;
    private const ulong Fold512Low = 0x1c19243b00000000, Fold512High = 0x75bba45b00000000;
    private const ulong Fold384Low = 0xa46ef4aa00000000, Fold384High = 0x6051243f00000000;
    private const ulong Fold256Low = 0x33ccbbbc00000000, Fold256High = 0xa2158b3400000000;
    private const ulong Fold128Low = 0x3743f7bd00000000, Fold128High = 0x3171d43000000000;

    internal static bool IsSupported => Pclmulqdq.V512.IsSupported && Avx512F.IsSupported && Sse42.X64.IsSupported;

    /// <summary>Advances the raw (not inverted) checksum register over at least 256 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        int left = bytes.Length;

        var first = Load(ref at, 0) ^ Vector512.Create(register, 0, 0, 0, 0, 0, 0, 0).AsUInt64();
        var second = Load(ref at, 64);
        var third = Load(ref at, 128);
        var fourth = Load(ref at, 192);
        at = ref Unsafe.Add(ref at, 256);
        left -= 256;

        var fold = Vector512.Create(Vector256.Create(Vector128.Create(Fold2048Low, Fold2048High)));
        while (left >= 256)
        {
            first = Fold(first, fold, Load(ref at, 0));
            second = Fold(second, fold, Load(ref at, 64));
            third = Fold(third, fold, Load(ref at, 128));
            fourth = Fold(fourth, fold, Load(ref at, 192));
            at = ref Unsafe.Add(ref at, 256);
            left -= 256;
        }

        fold = Vector512.Create(Vector256.Create(Vector128.Create(Fold512Low, Fold512High)));
        first = Fold(first, fold, second);
        first = Fold(first, fold, third);
        first = Fold(first, fold, fourth);
        while (left >= 64)
        {
            first = Fold(first, fold, Load(ref at, 0));
            at = ref Unsafe.Add(ref at, 64);
            left -= 64;
        }

        return Crc32C.UpdatePortable(Reduce(first), MemoryMarshal.CreateReadOnlySpan(ref at, left));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reduce(Vector512<ulong> lanes)
    {
        var half = lanes.GetLower();
        var last = lanes.GetUpper();
        var value = Fold(half.GetLower(), Vector128.Create(Fold384Low, Fold384High), last.GetUpper());
        value = Fold(half.GetUpper(), Vector128.Create(Fold256Low, Fold256High), value);
        value = Fold(last.GetLower(), Vector128.Create(Fold128Low, Fold128High), value);
        return BitOperations.Crc32C(BitOperations.Crc32C(0, value.ToScalar()), value.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte at, int offset) =>
        Vector512.LoadUnsafe(ref Unsafe.Add(ref at, offset)).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> lanes, Vector512<ulong> constants, Vector512<ulong> next) =>
        Avx512F.TernaryLogic(
            Pclmulqdq.V512.CarrylessMultiply(lanes, constants, 0x00),
            Pclmulqdq.V512.CarrylessMultiply(lanes, constants, 0x11),
            next,
            0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> constants, Vector128<ulong> next) =>
        Pclmulqdq.CarrylessMultiply(lane, constants, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, constants, 0x11) ^ next;
}
