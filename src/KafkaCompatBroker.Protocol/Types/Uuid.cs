using System.Buffers.Binary;
using System.Buffers.Text;

namespace KafkaCompatBroker.Protocol.Types;

/// <summary>128-bit id as Kafka has it: two big-endian halves, written as 22 characters of URL-safe base64 without padding.</summary>
public readonly record struct Uuid(ulong High, ulong Low) : IComparable<Uuid>
{
    /// <summary>Bytes on the wire.</summary>
    public const int SizeBytes = 16;

    private const int TextLength = 22;

    /// <summary>All zero: "no id".</summary>
    public static Uuid Zero => default;

    /// <summary>Id of the metadata topic.</summary>
    public static Uuid One => new(0, 1);

    /// <summary>Directory id of a replica recorded before directories had ids (KIP-858).</summary>
    public static Uuid MigratingDirectory => Zero;

    /// <summary>Directory id of a replica that has no directory yet (KIP-858).</summary>
    public static Uuid UnassignedDirectory => new(0, 1);

    /// <summary>Directory id of a replica in a directory that is offline (KIP-858).</summary>
    public static Uuid LostDirectory => new(0, 2);

    /// <summary>Ids below 100 are kept for special use and never given to a topic or directory.</summary>
    public bool IsReserved => High == 0 && Low < 100;

    public static Uuid FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]));

    /// <summary>Reads the 22-character form.</summary>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static Uuid Parse(string text) => TryParse(text, out Uuid id) ? id : throw new FormatException($"\"{text}\" is not an id");

    /// <summary>Reads the 22-character form, also with its padding. Bits beyond the 128th are ignored, as Kafka does.</summary>
    public static bool TryParse(string? text, out Uuid id)
    {
        id = default;
        ReadOnlySpan<char> digits = text;
        if (digits.EndsWith("=="))
        {
            digits = digits[..^2];
        }

        if (digits.Length != TextLength)
        {
            return false;
        }

        UInt128 value = 0;
        for (int i = 0; i < TextLength; i++)
        {
            int digit = DigitValue(digits[i]);
            if (digit < 0)
            {
                return false;
            }

            // 22 digits of 6 bits are 132 bits: the last one carries only its upper two.
            value = i < TextLength - 1 ? (value << 6) | (uint)digit : (value << 2) | (uint)(digit >> 4);
        }

        id = new Uuid((ulong)(value >> 64), (ulong)value);
        return true;
    }

    public void CopyTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, High);
        BinaryPrimitives.WriteUInt64BigEndian(target[sizeof(ulong)..], Low);
    }

    /// <summary>Orders as Kafka does: both halves as signed numbers.</summary>
    public int CompareTo(Uuid other)
    {
        int high = ((long)High).CompareTo((long)other.High);
        return high != 0 ? high : ((long)Low).CompareTo((long)other.Low);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    private static int DigitValue(char digit) => digit switch
    {
        >= 'A' and <= 'Z' => digit - 'A',
        >= 'a' and <= 'z' => digit - 'a' + 26,
        >= '0' and <= '9' => digit - '0' + 52,
        '-' => 62,
        '_' => 63,
        _ => -1,
    };
}
