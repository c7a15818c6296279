using System.Buffers;

namespace KafkaCompatBroker.Network;

/// <summary>
/// A pooled array that frames are slices of. The connection holds one reference while it fills the buffer, every open slot one;
/// the array goes back to the pool with the last.
/// </summary>
internal sealed class ReceiveBuffer
{
    private readonly MemoryBudget _budget;
    private int _references = 1;

    private ReceiveBuffer(byte[] bytes, MemoryBudget budget)
    {
        Bytes = bytes;
        _budget = budget;
    }

    public byte[] Bytes { get; }

    /// <summary>No slot looks at the bytes: they may be moved or overwritten.</summary>
    public bool IsExclusive => Volatile.Read(ref _references) == 1;

    public static ReceiveBuffer Rent(int bytes, MemoryBudget budget)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(bytes);
        budget.Take(array.Length);
        return new ReceiveBuffer(array, budget);
    }

    /// <summary>Null when the budget is used up.</summary>
    public static ReceiveBuffer? TryRent(int bytes, MemoryBudget budget)
    {
        if (!budget.TryTake(bytes)) return null;
        byte[] array = ArrayPool<byte>.Shared.Rent(bytes);
        budget.Take(array.Length - bytes);
        return new ReceiveBuffer(array, budget);
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        ArrayPool<byte>.Shared.Return(Bytes);
        _budget.Give(Bytes.Length);
    }
}
