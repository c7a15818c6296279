using System.Buffers.Binary;
using System.Numerics;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>The 32-bit xxHash with seed 0: the checksum inside LZ4 frames.</summary>
internal static class XxHash32
{
    private const uint Prime1 = 2654435761, Prime2 = 2246822519, Prime3 = 3266489917, Prime4 = 668265263, Prime5 = 374761393;

    internal static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint length = (uint)bytes.Length;
        uint hash = bytes.Length >= 16 ? ComputeStripes(ref bytes) : Prime5;
        hash += length;
        for (; bytes.Length >= 4; bytes = bytes[4..])
            hash = BitOperations.RotateLeft(hash + (BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime3), 17) * Prime4;
        foreach (byte value in bytes)
            hash = BitOperations.RotateLeft(hash + (value * Prime5), 11) * Prime1;

        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    private static uint ComputeStripes(ref ReadOnlySpan<byte> bytes)
    {
        uint first = unchecked(Prime1 + Prime2), second = Prime2, third = 0, fourth = unchecked(0u - Prime1);
        for (; bytes.Length >= 16; bytes = bytes[16..])
        {
            first = Round(first, bytes);
            second = Round(second, bytes[4..]);
            third = Round(third, bytes[8..]);
            fourth = Round(fourth, bytes[12..]);
        }

        return BitOperations.RotateLeft(first, 1) + BitOperations.RotateLeft(second, 7)
            + BitOperations.RotateLeft(third, 12) + BitOperations.RotateLeft(fourth, 18);
    }

    private static uint Round(uint lane, ReadOnlySpan<byte> bytes) =>
        BitOperations.RotateLeft(lane + (BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime2), 13) * Prime1;
}
