using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Called after each change, in order, on the thread that applied it; must not block.</summary>
public delegate void MetadataListener(MetadataImage before, MetadataImage after, MetadataChanges changes);

/// <summary>
/// Hands the newest image to everybody. Readers take <see cref="Image"/> from any thread without a lock; one thread publishes.
/// Listeners have acted on an image before <see cref="AppliedAsync"/> completes for it, so that whoever created a topic finds
/// its partitions. Nothing here survives a crash: the log does.
/// </summary>
public sealed class MetadataPublisher
{
    private readonly Lock _gate = new();

    // Held while listeners act on an image, so that a new one can begin between two images.
    private readonly Lock _publishing = new();
    private readonly SortedDictionary<long, TaskCompletionSource> _waiting = [];
    private MetadataListener[] _listeners = [];
    private volatile MetadataImage _image = MetadataImage.Empty;

    /// <summary>The newest image.</summary>
    public MetadataImage Image => _image;

    /// <summary>Adds a listener; it is not told of images before.</summary>
    public void Subscribe(MetadataListener listener)
    {
        lock (_gate) _listeners = [.. _listeners, listener];
    }

    /// <summary>Adds a listener that first acts on the newest image; no image falls between that and its first change.</summary>
    public void Follow(Action<MetadataImage> begin, MetadataListener listener)
    {
        lock (_publishing)
        {
            begin(_image);
            Subscribe(listener);
        }
    }

    /// <summary>Completes when the record at an offset is in the image and every listener has seen it.</summary>
    public Task AppliedAsync(long offset)
    {
        lock (_gate)
        {
            if (_image.Offset >= offset) return Task.CompletedTask;
            if (!_waiting.TryGetValue(offset, out TaskCompletionSource? waiter))
                _waiting[offset] = waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiter.Task;
        }
    }

    /// <summary>Makes an image the newest one.</summary>
    public void Publish(MetadataImage image, MetadataChanges changes)
    {
        List<TaskCompletionSource> reached = [];
        lock (_publishing)
        {
            MetadataImage before = _image;
            foreach (MetadataListener listener in _listeners) listener(before, image, changes);
            _image = image;
        }

        lock (_gate)
        {
            while (_waiting.Count > 0 && _waiting.First() is var first && first.Key <= image.Offset)
            {
                reached.Add(first.Value);
                _waiting.Remove(first.Key);
            }
        }

        foreach (TaskCompletionSource waiter in reached) waiter.SetResult();
    }
}
