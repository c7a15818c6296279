using System.Buffers.Binary;

namespace KafkaCompatBroker.Network;

/// <summary>What <see cref="FrameReader.TryPeek"/> found.</summary>
internal enum FrameStatus
{
    Complete,
    Incomplete,
    SizeInvalid,
    TooLarge,
}

/// <summary>
/// Cuts length-prefixed frames out of received bytes. Memory follows the bytes that have arrived, never the announced length;
/// a connection that has delivered large frames gets room for the next one at once. Used by the reading thread only.
/// </summary>
internal sealed class FrameReader(int frameBytesMax, MemoryBudget budget)
{
    public const int PrefixBytes = 4;
    private const int BaseBytes = 64 * 1024;
    private const int UsefulRoomBytes = 4 * 1024;
    private const int ParkedBytesMax = 1024;

    private ReceiveBuffer? _buffer;
    private int _start;
    private int _end;
    private int _provenBytes;

    /// <summary>Bytes received and not cut yet.</summary>
    public int BufferedBytes => _end - _start;

    /// <summary>The buffer of the frame last peeked at.</summary>
    public ReceiveBuffer? Buffer => _buffer;

    public FrameStatus TryPeek(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (BufferedBytes < PrefixBytes) return FrameStatus.Incomplete;
        int bytes = AnnouncedBytes;
        if (bytes <= 0) return FrameStatus.SizeInvalid;
        if (bytes > frameBytesMax) return FrameStatus.TooLarge;
        if (BufferedBytes - PrefixBytes < bytes) return FrameStatus.Incomplete;
        frame = _buffer!.Bytes.AsMemory(_start + PrefixBytes, bytes);
        return FrameStatus.Complete;
    }

    /// <summary>Moves behind the frame last peeked at.</summary>
    public void Skip(int frameBytes)
    {
        _start += PrefixBytes + frameBytes;
        _provenBytes = Math.Max(PrefixBytes + frameBytes, _provenBytes / 2);
    }

    /// <summary>
    /// Where the next bytes go: no further than the end of a large frame, so that its successor starts in place and is not moved.
    /// </summary>
    /// <returns>False when the frame needs a larger buffer and the budget has none.</returns>
    public bool TryPrepare(out Span<byte> destination)
    {
        destination = default;
        int needed = BufferedBytes >= PrefixBytes ? PrefixBytes + AnnouncedBytes : PrefixBytes;
        int buffered = BufferedBytes;
        if (_buffer is null || (buffered == 0 && !TryRewind()))
        {
            _buffer?.Release();
            _buffer = ReceiveBuffer.Rent(BaseBytes, budget);
            _start = _end = 0;
        }
        else if (buffered > 0 && _start + needed > _buffer.Bytes.Length && !TryMakeRoom(needed)) return false;

        int wanted = Math.Max(BaseBytes, needed - buffered);
        destination = _buffer.Bytes.AsSpan(_end, Math.Min(_buffer.Bytes.Length - _end, wanted));
        return true;
    }

    public void Commit(int bytes) => _end += bytes;

    /// <summary>Before waiting: gives the buffer back, or keeps a started frame's few bytes in a small one.</summary>
    public void Park()
    {
        if (_buffer is null) return;
        if (BufferedBytes == 0) Release();
        else if (BufferedBytes <= ParkedBytesMax && _buffer.Bytes.Length > 2 * ParkedBytesMax) MoveTo(ReceiveBuffer.Rent(ParkedBytesMax, budget));
    }

    public void Release()
    {
        _buffer?.Release();
        _buffer = null;
        _start = _end = 0;
    }

    private int AnnouncedBytes => BinaryPrimitives.ReadInt32BigEndian(_buffer!.Bytes.AsSpan(_start, PrefixBytes));

    private bool TryRewind()
    {
        if (_buffer!.IsExclusive) _start = _end = 0;
        return _buffer.Bytes.Length - _end >= UsefulRoomBytes;
    }

    private bool TryMakeRoom(int needed)
    {
        int target = Math.Min(needed, Math.Max(BaseBytes, Math.Max(2 * BufferedBytes, _provenBytes)));
        int capacity = _buffer!.Bytes.Length;
        if (capacity - _start >= target) return true;
        if (capacity >= target && _buffer.IsExclusive)
        {
            _buffer.Bytes.AsSpan(_start, BufferedBytes).CopyTo(_buffer.Bytes);
            (_start, _end) = (0, BufferedBytes);
            return true;
        }
        if (target <= BaseBytes)
        {
            MoveTo(ReceiveBuffer.Rent(BaseBytes, budget));
            return true;
        }
        if (ReceiveBuffer.TryRent(target, budget) is not { } larger) return false;
        MoveTo(larger);
        return true;
    }

    private void MoveTo(ReceiveBuffer target)
    {
        int buffered = BufferedBytes;
        _buffer!.Bytes.AsSpan(_start, buffered).CopyTo(target.Bytes);
        _buffer.Release();
        _buffer = target;
        _start = 0;
        _end = buffered;
    }
}
