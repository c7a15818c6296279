namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>
/// Keeps a few idle objects, as ArrayPool does with arrays: native contexts and their windows are costly to make for
/// every batch. An object has one user at a time; what does not fit is dropped.
/// </summary>
internal sealed class ReusePool<T>
    where T : class
{
    private readonly T?[] _idle = new T?[Math.Clamp(Environment.ProcessorCount, 2, 16)];

    internal T? TryTake()
    {
        for (int index = 0; index < _idle.Length; index++)
        {
            if (_idle[index] is not null && Interlocked.Exchange(ref _idle[index], null) is { } taken)
                return taken;
        }

        return null;
    }

    internal bool TryReturn(T item)
    {
        for (int index = 0; index < _idle.Length; index++)
        {
            if (_idle[index] is null && Interlocked.CompareExchange(ref _idle[index], item, null) is null)
                return true;
        }

        return false;
    }
}
