using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>Segments on their way out: renamed at once, so that a restart forgets them, and deleted after the delay that readers are given.</summary>
internal sealed class DelayedDeletions(LogEnvironment environment)
{
    private readonly Lock _lock = new();
    private readonly List<(long DueMs, Segment Segment)> _waiting = [];

    public void Schedule(Segment[] segments, ProducerLog producers, long dueMs)
    {
        MarkNow(segments);
        producers.RemoveAt(segments.Select(segment => segment.BaseOffset));
        lock (_lock)
        {
            _waiting.AddRange(segments.Select(segment => (dueMs, segment)));
        }
    }

    /// <summary>As <see cref="Schedule"/> for segments that one with the base offset of the first has taken the place of: its snapshot stays.</summary>
    public void ScheduleReplaced(Segment[] segments, ProducerLog producers, long dueMs)
    {
        MarkNow(segments);
        producers.RemoveAt(segments.Skip(1).Select(segment => segment.BaseOffset));
        lock (_lock)
        {
            _waiting.AddRange(segments.Select(segment => (dueMs, segment)));
        }
    }

    /// <summary>Frees the names.</summary>
    public static void MarkNow(Segment[] segments)
    {
        foreach (Segment segment in segments)
        {
            segment.MarkDeleted();
        }
    }

    /// <summary>Deletes without a delay: truncated data that nobody may read any more. Who still maps it keeps it until done.</summary>
    public static void Drop(Segment[] segments, ProducerLog producers)
    {
        foreach (Segment segment in segments)
        {
            segment.DeleteFiles();
        }

        producers.RemoveAt(segments.Select(segment => segment.BaseOffset));
    }

    public bool AnyDue(long nowMs)
    {
        lock (_lock)
        {
            return _waiting.Exists(waiting => waiting.DueMs <= nowMs);
        }
    }

    public void Run(long nowMs)
    {
        List<(long DueMs, Segment Segment)> due;
        lock (_lock)
        {
            due = _waiting.FindAll(waiting => waiting.DueMs <= nowMs);
            _waiting.RemoveAll(waiting => waiting.DueMs <= nowMs);
        }

        foreach ((_, Segment segment) in due)
        {
            try
            {
                segment.DeleteFiles();
            }
            catch (StorageException failure)
            {
                environment.Fence("delete segment", failure);
            }
        }
    }
}
