using System.Buffers.Binary;
using System.Buffers.Text;

namespace KafkaCompatBroker.Raft;

/// <summary>The 128-bit id of one log directory. With the node id it names a replica (KIP-853): a wiped disk is a new replica.</summary>
/// <param name="High">The first eight bytes, big-endian.</param>
/// <param name="Low">The last eight bytes, big-endian.</param>
public readonly record struct DirectoryId(ulong High, ulong Low)
{
    /// <summary>All bits zero: the directory id is not known (static voters, or a peer that predates KIP-853).</summary>
    public static readonly DirectoryId Zero;

    /// <inheritdoc/>
    public override string ToString()
    {
        if (this == Zero) return "-";
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return Base64Url.EncodeToString(bytes);
    }
}
