namespace KafkaCompatBroker.Storage.Segments;

/// <summary>
/// Keeps the bytes behind a <see cref="LogSlice"/> readable. One object is shared by all readers of a mapping: every acquisition is paired with
/// exactly one <see cref="Dispose"/>; the mapping goes away when its owner and the last reader have let go.
/// </summary>
public sealed class SegmentLease : IDisposable
{
    private readonly Action? _lastReleased;
    private int _references = 1;

    internal SegmentLease(Action? lastReleased) => _lastReleased = lastReleased;

    /// <summary>A lease on nothing, for empty slices.</summary>
    public static SegmentLease None { get; } = new(null);

    /// <summary>Whether owner and readers have all let go.</summary>
    internal bool IsReleased => Volatile.Read(ref _references) == 0;

    internal bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Lets the owner's share go only if no reader is left; afterwards nobody can acquire it any more.</summary>
    internal bool TryRetire()
    {
        if (Interlocked.CompareExchange(ref _references, 0, 1) != 1)
        {
            return false;
        }

        _lastReleased?.Invoke();
        return true;
    }

    /// <summary>Gives one acquisition back.</summary>
    public void Dispose()
    {
        if (_lastReleased is null)
        {
            return;
        }

        int left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            _lastReleased();
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("A segment lease was released more often than acquired.");
        }
    }
}
