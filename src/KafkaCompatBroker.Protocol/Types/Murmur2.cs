using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Types;

/// <summary>32-bit MurmurHash2 with the seed that Kafka's clients share: it decides the partition of a record by its key.</summary>
public static class Murmur2
{
    private const int Seed = unchecked((int)0x9747B28C);
    private const uint Multiplier = 0x5BD1E995;

    public static int Of(ReadOnlySpan<byte> key)
    {
        uint hash = unchecked((uint)(Seed ^ key.Length));
        while (key.Length >= sizeof(uint))
        {
            uint part = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            part = (part ^ (part >> 24)) * Multiplier;
            hash = (hash * Multiplier) ^ part;
            key = key[sizeof(uint)..];
        }

        if (!key.IsEmpty)
        {
            uint tail = 0;
            for (int i = key.Length - 1; i >= 0; i--)
            {
                tail = (tail << 8) | key[i];
            }

            hash = (hash ^ tail) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>Partition of a record with this key in a topic of <paramref name="partitions"/> partitions.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (Of(key) & int.MaxValue) % partitions;
}
