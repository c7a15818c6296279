using System.Buffers.Binary;
using System.Numerics;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>XXH3, 64 bits, seed 0, as the specification of xxHash 0.8 has it.</summary>
internal static class XxHash3
{
    private const ulong Prime32A = 0x9E3779B1, Prime32B = 0x85EBCA77, Prime32C = 0xC2B2AE3D;
    private const ulong Prime64A = 0x9E3779B185EBCA87, Prime64B = 0xC2B2AE3D27D4EB4F, Prime64C = 0x165667B19E3779F9, Prime64D = 0x85EBCA77C2B2AE63, Prime64E = 0x27D4EB2F165667C5;
    private const ulong PrimeMixA = 0x165667919E3779F9, PrimeMixB = 0x9FB21C651E98DF25;
    private const int StripeBytes = 64, Lanes = 8, SecretStep = 8, SecretBytes = 192;
    private const int StripesInBlock = (SecretBytes - StripeBytes) / SecretStep;

    private static ReadOnlySpan<byte> Secret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb, 0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    public static ulong Hash(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        0 => Finish64(Long(Secret, 56) ^ Long(Secret, 64)),
        <= 3 => OfThree(bytes),
        <= 8 => OfEight(bytes),
        <= 16 => OfSixteen(bytes),
        <= 128 => OfUpTo128(bytes),
        <= 240 => OfUpTo240(bytes),
        _ => OfMany(bytes),
    };

    private static ulong OfThree(ReadOnlySpan<byte> bytes)
    {
        uint combined = ((uint)bytes[0] << 16) | ((uint)bytes[bytes.Length / 2] << 24) | bytes[^1] | ((uint)bytes.Length << 8);
        return Finish64(combined ^ (ulong)(Int(Secret, 0) ^ Int(Secret, 4)));
    }

    private static ulong OfEight(ReadOnlySpan<byte> bytes)
    {
        ulong value = Int(bytes, bytes.Length - 4) + ((ulong)Int(bytes, 0) << 32);
        value ^= Long(Secret, 8) ^ Long(Secret, 16);
        value ^= BitOperations.RotateLeft(value, 49) ^ BitOperations.RotateLeft(value, 24);
        value *= PrimeMixB;
        value ^= (value >> 35) + (ulong)bytes.Length;
        value *= PrimeMixB;
        return value ^ (value >> 28);
    }

    private static ulong OfSixteen(ReadOnlySpan<byte> bytes)
    {
        ulong low = Long(bytes, 0) ^ Long(Secret, 24) ^ Long(Secret, 32);
        ulong high = Long(bytes, bytes.Length - 8) ^ Long(Secret, 40) ^ Long(Secret, 48);
        return Finish3((ulong)bytes.Length + BinaryPrimitives.ReverseEndianness(low) + high + Fold(low, high));
    }

    private static ulong OfUpTo128(ReadOnlySpan<byte> bytes)
    {
        ulong sum = (ulong)bytes.Length * Prime64A;
        for (int i = (bytes.Length - 1) / 32; i >= 0; i--)
        {
            sum += Mix(bytes, 16 * i, 32 * i);
            sum += Mix(bytes, bytes.Length - (16 * (i + 1)), (32 * i) + 16);
        }

        return Finish3(sum);
    }

    private static ulong OfUpTo240(ReadOnlySpan<byte> bytes)
    {
        ulong sum = (ulong)bytes.Length * Prime64A;
        for (int i = 0; i < 8; i++) sum += Mix(bytes, 16 * i, 16 * i);
        sum = Finish3(sum);
        for (int i = 8; i < bytes.Length / 16; i++) sum += Mix(bytes, 16 * i, (16 * (i - 8)) + 3);
        sum += Mix(bytes, bytes.Length - 16, 136 - 17);
        return Finish3(sum);
    }

    private static ulong OfMany(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> lanes = [Prime32C, Prime64A, Prime64B, Prime64C, Prime64D, Prime32B, Prime64E, Prime32A];
        int stripes = (bytes.Length - 1) / StripeBytes;
        for (int stripe = 0; stripe < stripes; stripe++)
        {
            int inBlock = stripe % StripesInBlock;
            Accumulate(lanes, bytes[(stripe * StripeBytes)..], inBlock * SecretStep);
            if (inBlock == StripesInBlock - 1) Scramble(lanes);
        }

        Accumulate(lanes, bytes[^StripeBytes..], SecretBytes - StripeBytes - 7);
        ulong sum = (ulong)bytes.Length * Prime64A;
        for (int i = 0; i < Lanes; i += 2) sum += Fold(lanes[i] ^ Long(Secret, 11 + (8 * i)), lanes[i + 1] ^ Long(Secret, 11 + (8 * (i + 1))));
        return Finish3(sum);
    }

    private static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> stripe, int secretAt)
    {
        for (int i = 0; i < Lanes; i++)
        {
            ulong value = Long(stripe, 8 * i);
            ulong key = value ^ Long(Secret, secretAt + (8 * i));
            lanes[i ^ 1] += value;
            lanes[i] += (uint)key * (key >> 32);
        }
    }

    private static void Scramble(Span<ulong> lanes)
    {
        for (int i = 0; i < Lanes; i++) lanes[i] = (lanes[i] ^ (lanes[i] >> 47) ^ Long(Secret, SecretBytes - StripeBytes + (8 * i))) * Prime32A;
    }

    private static ulong Mix(ReadOnlySpan<byte> bytes, int at, int secretAt) =>
        Fold(Long(bytes, at) ^ Long(Secret, secretAt), Long(bytes, at + 8) ^ Long(Secret, secretAt + 8));

    private static ulong Fold(ulong left, ulong right) => Math.BigMul(left, right, out ulong low) ^ low;

    private static ulong Finish3(ulong value)
    {
        value = (value ^ (value >> 37)) * PrimeMixA;
        return value ^ (value >> 32);
    }

    private static ulong Finish64(ulong value)
    {
        value = (value ^ (value >> 33)) * Prime64B;
        value = (value ^ (value >> 29)) * Prime64C;
        return value ^ (value >> 32);
    }

    private static uint Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
