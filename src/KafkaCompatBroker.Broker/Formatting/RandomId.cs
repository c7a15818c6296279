using System.Security.Cryptography;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>New ids for clusters and directories: random (UUID version 4), never reserved, never mistaken for an option of a command.</summary>
public static class RandomId
{
    /// <summary>A new id.</summary>
    public static Uuid Next()
    {
        Span<byte> bytes = stackalloc byte[Uuid.SizeBytes];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
            var id = Uuid.FromBytes(bytes);
            if (!id.IsReserved && !id.ToString().StartsWith('-')) return id;
        }
    }
}
