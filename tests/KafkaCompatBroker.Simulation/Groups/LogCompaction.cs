namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>What the cleaner does to <c>__consumer_offsets</c>: of a prefix of whole batches, before the first open transaction, the last record of each key stays, and deletions are gone too.</summary>
internal static class LogCompaction
{
    public static List<GroupRun.Entry> Of(List<GroupRun.Entry> log, Random random)
    {
        int end = random.Next(FirstOpen(log) + 1);
        while (end > 0 && end < log.Count && log[end].Batch == log[end - 1].Batch) end--;
        bool[] isAborted = Aborted(log);
        HashSet<string> seen = [];
        List<GroupRun.Entry> left = [];
        for (int i = end - 1; i >= 0; i--)
        {
            GroupRun.Entry entry = log[i];
            if (entry.IsCommit is not null) left.Add(entry);
            else if (!isAborted[i] && seen.Add(Convert.ToBase64String(entry.Key)) && entry.Value is not null) left.Add(entry);
        }

        left.Reverse();
        left.AddRange(log.Skip(end));
        return left;
    }

    private static int FirstOpen(List<GroupRun.Entry> log)
    {
        Dictionary<long, int> open = [];
        for (int i = 0; i < log.Count; i++)
        {
            if (log[i].IsCommit is not null) open.Remove(log[i].ProducerId);
            else if (log[i].ProducerId >= 0) open.TryAdd(log[i].ProducerId, i);
        }

        return open.Count == 0 ? log.Count : open.Values.Min();
    }

    private static bool[] Aborted(List<GroupRun.Entry> log)
    {
        bool[] isAborted = new bool[log.Count];
        Dictionary<long, bool> isCommit = [];
        for (int i = log.Count - 1; i >= 0; i--)
        {
            if (log[i].IsCommit is { } marker) isCommit[log[i].ProducerId] = marker;
            else if (log[i].ProducerId >= 0) isAborted[i] = !isCommit.GetValueOrDefault(log[i].ProducerId);
        }

        return isAborted;
    }
}
