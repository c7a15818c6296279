namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>When each open transaction runs out of time, on the monotonic scale: a clock that is set back or forward ends none.</summary>
internal sealed class TransactionDeadlines
{
    private readonly Dictionary<string, long> _byId = new(StringComparer.Ordinal);
    private readonly SortedSet<(long DueMs, string TransactionalId)> _byTime = new(Comparer<(long DueMs, string TransactionalId)>.Create(
        static (left, right) => left.DueMs != right.DueMs ? left.DueMs.CompareTo(right.DueMs) : string.CompareOrdinal(left.TransactionalId, right.TransactionalId)));

    public long FirstMs => _byTime.Count == 0 ? long.MaxValue : _byTime.Min.DueMs;

    public void Set(string transactionalId, long dueMs)
    {
        Remove(transactionalId);
        _byId.Add(transactionalId, dueMs);
        _byTime.Add((dueMs, transactionalId));
    }

    public void Remove(string transactionalId)
    {
        if (_byId.Remove(transactionalId, out long dueMs))
            _byTime.Remove((dueMs, transactionalId));
    }

    public string[] TakeDue(long nowMs)
    {
        string[] due = [.. _byTime.TakeWhile(entry => entry.DueMs <= nowMs).Select(static entry => entry.TransactionalId)];
        foreach (string transactionalId in due)
            Remove(transactionalId);
        return due;
    }
}
