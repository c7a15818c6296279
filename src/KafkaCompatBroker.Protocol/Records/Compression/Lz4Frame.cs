namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>The parts of the LZ4 frame format that Kafka uses.</summary>
internal static class Lz4Frame
{
    internal const uint Magic = 0x184D2204;
    internal const uint StoredBlockFlag = 0x80000000;
    internal const byte VersionAndIndependentBlocks = 0x60;
    internal const byte BlocksOf64KiB = 4 << 4;
    internal const int BlockOf64KiB = 64 * 1024;

    private const int VersionMask = 0xC0;
    private const int Version1 = 0x40;
    private const int IndependentBlocksFlag = 0x20;
    private const int BlockChecksumFlag = 0x10;
    private const int ContentSizeFlag = 0x08;
    private const int ReservedFlags = 0x03;
    private const int ReservedBlockSizeBits = 0x8F;

    /// <summary>Reads flags and block size; returns the bytes of the descriptor up to its checksum.</summary>
    internal static int ReadDescriptor(byte flags, byte blockSize, out int blockBytesMax, out bool hasBlockChecksums)
    {
        if ((flags & VersionMask) != Version1 || (flags & ReservedFlags) != 0)
            throw new RecordFormatException("The LZ4 frame is of an unknown version.");
        if ((flags & IndependentBlocksFlag) == 0)
            throw new RecordFormatException("The LZ4 frame has linked blocks, which Kafka does not allow.");
        if ((blockSize & ReservedBlockSizeBits) != 0 || blockSize >> 4 < 4)
            throw new RecordFormatException("The LZ4 frame has an unknown block size.");

        blockBytesMax = 1 << (8 + (2 * (blockSize >> 4)));
        hasBlockChecksums = (flags & BlockChecksumFlag) != 0;
        return (flags & ContentSizeFlag) != 0 ? 10 : 2;
    }

    internal static byte DescriptorChecksum(ReadOnlySpan<byte> descriptor) => (byte)(XxHash32.Compute(descriptor) >> 8);
}
