using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>A growing run of bytes that can be patched and read as a span; the array is not pooled.</summary>
internal sealed class GrowableBuffer(int capacity) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[capacity];

    internal int Length { get; private set; }

    internal int Capacity => _bytes.Length;

    internal Span<byte> Written => _bytes.AsSpan(0, Length);

    internal Memory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    internal void Clear() => Length = 0;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int count)
    {
        count = Math.Max(count, 1);
        if (_bytes.Length - Length >= count)
            return;
        long wanted = Math.Max((long)Length + count, Math.Min(2L * _bytes.Length, Array.MaxLength));
        Array.Resize(ref _bytes, checked((int)wanted));
    }
}
