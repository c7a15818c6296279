using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KafkaCompatBroker.Storage.Policies;

/// <summary>
/// The latest offset of each key of the dirty part of a log. Holds 128 bits of a cryptographic hash in place of a key, so its size does not depend on the
/// keys and no client can make two of them collide. One thread.
/// </summary>
public sealed class KeyOffsets
{
    /// <summary>Memory that one entry takes.</summary>
    public const int SlotBytes = 24;

    private const int SlotsLeast = 16;

    private readonly Slot[] _slots;
    private readonly int _capacity;
    private int _count;

    /// <summary>Makes room.</summary>
    /// <param name="bytesMax">Memory to use at most.</param>
    /// <param name="loadFactor">Share of the slots that may be filled.</param>
    /// <param name="keysMax">How many keys there can be at most; no memory is used beyond.</param>
    public KeyOffsets(long bytesMax, double loadFactor, long keysMax)
    {
        double slots = Math.Min(bytesMax / (double)SlotBytes, (keysMax / loadFactor) + 1);
        _slots = new Slot[(int)Math.Clamp(slots, SlotsLeast, Array.MaxLength / SlotBytes)];
        _capacity = Math.Max(1, (int)(_slots.Length * loadFactor));
    }

    /// <summary>The highest offset that was seen, with or without a key; -1 before the first.</summary>
    public long LatestOffset { get; private set; } = -1;

    /// <summary>Notes a key. False, and nothing is noted, when there is no room for another one.</summary>
    public bool TryPut(ReadOnlySpan<byte> key, long offset)
    {
        (ulong high, ulong low) = HashOf(key);
        ref Slot slot = ref SlotOf(high, low);
        if (slot.OffsetPlusOne == 0)
        {
            if (_count == _capacity)
            {
                return false;
            }

            _count++;
        }

        slot = new Slot(high, low, offset + 1);
        LatestOffset = Math.Max(LatestOffset, offset);
        return true;
    }

    /// <summary>Notes that everything up to an offset was seen.</summary>
    public void Pass(long offset) => LatestOffset = Math.Max(LatestOffset, offset);

    /// <summary>The latest offset of a key; -1 when it is not known.</summary>
    public long Find(ReadOnlySpan<byte> key)
    {
        (ulong high, ulong low) = HashOf(key);
        return SlotOf(high, low).OffsetPlusOne - 1;
    }

    private ref Slot SlotOf(ulong high, ulong low)
    {
        int at = (int)(high % (uint)_slots.Length);
        while (_slots[at].OffsetPlusOne != 0 && (_slots[at].High != high || _slots[at].Low != low))
        {
            at = at + 1 == _slots.Length ? 0 : at + 1;
        }

        return ref _slots[at];
    }

    private static (ulong High, ulong Low) HashOf(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]));
    }

    private readonly record struct Slot(ulong High, ulong Low, long OffsetPlusOne);
}
