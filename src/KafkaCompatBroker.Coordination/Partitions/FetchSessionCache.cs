namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// The fetch sessions of a broker, limited in number (KIP-227). A new session takes a free slot, or the slot of one that was unused
/// for long, or that of a smaller one of a lower rank that had its time. Pure and not thread-safe: the shell locks it.
/// </summary>
/// <param name="slots"><c>max.incremental.fetch.session.cache.slots</c>; 0 turns sessions off.</param>
/// <param name="evictionMs">A session may be replaced when it is older, or unused for longer, than this many milliseconds.</param>
public sealed class FetchSessionCache(int slots, long evictionMs)
{
    private readonly Dictionary<int, FetchSession> _sessions = [];
    private readonly SortedSet<FetchSession> _byLastUse = new(Comparer<FetchSession>.Create(CompareLastUse));
    private readonly SortedSet<FetchSession> _byRank = new(Comparer<FetchSession>.Create(CompareRank));

    /// <summary>Number of sessions.</summary>
    public int Count => _sessions.Count;

    /// <summary>Number of partitions in all sessions.</summary>
    public long PartitionCount { get; private set; }

    /// <summary>Number of sessions that lost their slot to another.</summary>
    public long EvictedCount { get; private set; }

    /// <summary>Finds a session.</summary>
    /// <param name="id">The id that the fetcher sent.</param>
    public FetchSession? Find(int id) => _sessions.GetValueOrDefault(id);

    /// <summary>Opens a session, when there is room or something may make room.</summary>
    /// <param name="id">A positive id that is not in use; see <see cref="IsFree"/>.</param>
    /// <param name="partitions">The partitions of the first fetch.</param>
    /// <param name="isPrivileged">Whether the fetcher is a follower.</param>
    /// <param name="usesTopicIds">Whether the fetcher names topics by id.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <returns>Null when there is no room: the fetcher goes on without a session.</returns>
    public FetchSession? TryOpen(int id, IReadOnlyList<FetchedPartition> partitions, bool isPrivileged, bool usesTopicIds, long nowMs)
    {
        FetchSession session = new(id, isPrivileged, usesTopicIds, nowMs);
        if (_sessions.Count >= slots && !TryMakeRoom(isPrivileged, partitions.Count, nowMs))
            return null;

        foreach (FetchedPartition partition in partitions)
            session.Ask(partition);
        session.CachedCount = session.Count;
        _sessions.Add(id, session);
        Index(session);
        return session;
    }

    /// <summary>Whether an id may be given to a new session.</summary>
    /// <param name="id">The id.</param>
    public bool IsFree(int id) => id > 0 && !_sessions.ContainsKey(id);

    /// <summary>Notes a use of a session, after its partitions were changed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    public void Touch(FetchSession session, long nowMs)
    {
        if (!_sessions.ContainsKey(session.Id))
            return;

        Unindex(session);
        session.LastUsedMs = nowMs;
        session.CachedCount = session.Count;
        Index(session);
    }

    /// <summary>Closes a session.</summary>
    /// <param name="id">The id that the fetcher sent.</param>
    /// <returns>False when there is none of that id.</returns>
    public bool Close(int id)
    {
        if (!_sessions.Remove(id, out FetchSession? session))
            return false;

        Unindex(session);
        return true;
    }

    private static int CompareLastUse(FetchSession left, FetchSession right)
    {
        int order = left.LastUsedMs.CompareTo(right.LastUsedMs);
        return order != 0 ? order : left.Id.CompareTo(right.Id);
    }

    private static int CompareRank(FetchSession left, FetchSession right)
    {
        int order = left.IsPrivileged.CompareTo(right.IsPrivileged);
        if (order == 0)
            order = left.CachedCount.CompareTo(right.CachedCount);
        return order != 0 ? order : left.Id.CompareTo(right.Id);
    }

    private bool TryMakeRoom(bool isPrivileged, int partitionCount, long nowMs)
    {
        FetchSession? oldest = _byLastUse.Min;
        if (oldest is null)
            return false;

        if (nowMs - oldest.LastUsedMs > evictionMs)
            return Evict(oldest);

        FetchSession lowest = _byRank.Min!;
        bool outranks = isPrivileged != lowest.IsPrivileged ? isPrivileged : partitionCount > lowest.CachedCount;
        return outranks && nowMs - lowest.CreatedMs > evictionMs && Evict(lowest);
    }

    private bool Evict(FetchSession session)
    {
        EvictedCount++;
        return Close(session.Id);
    }

    private void Index(FetchSession session)
    {
        PartitionCount += session.CachedCount;
        _byLastUse.Add(session);
        _byRank.Add(session);
    }

    private void Unindex(FetchSession session)
    {
        PartitionCount -= session.CachedCount;
        _byLastUse.Remove(session);
        _byRank.Remove(session);
    }
}
