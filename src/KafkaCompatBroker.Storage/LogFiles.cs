using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>Segment and snapshot files found in a partition directory, after leftovers of interrupted work were cleared away.</summary>
internal sealed class LogFiles
{
    private LogFiles(long[] baseOffsets, long[] snapshots)
    {
        BaseOffsets = baseOffsets;
        Snapshots = snapshots;
    }

    public long[] BaseOffsets { get; }

    public long[] Snapshots { get; }

    public static LogFiles Collect(IFileStore store, string directory)
    {
        string[] names = store.FileNames(directory);
        if (RemoveLeftovers(store, directory, names))
        {
            names = store.FileNames(directory);
        }

        var baseOffsets = new List<long>();
        var snapshots = new List<long>();
        foreach (string name in names)
        {
            if (SegmentName.TryParse(name, SegmentName.LogSuffix, out long baseOffset))
            {
                baseOffsets.Add(baseOffset);
            }
            else if (SegmentName.TryParse(name, SegmentName.SnapshotSuffix, out long snapshot))
            {
                snapshots.Add(snapshot);
            }
        }

        RemoveOrphans(store, directory, names, baseOffsets);
        baseOffsets.Sort();
        return new LogFiles([.. baseOffsets], [.. snapshots]);
    }

    // Deleted files go; a compaction that had not come to its swap is undone, one that had is finished.
    private static bool RemoveLeftovers(IFileStore store, string directory, string[] names)
    {
        long firstCleaned = long.MaxValue;
        bool changed = false;
        foreach (string name in names)
        {
            bool cleaned = name.EndsWith(SegmentName.CleanedSuffix, StringComparison.Ordinal);
            if (cleaned && SegmentName.TryParseOffset(name, out long offset))
            {
                firstCleaned = Math.Min(firstCleaned, offset);
            }

            if (cleaned || name.EndsWith(SegmentName.DeletedSuffix, StringComparison.Ordinal))
            {
                store.Delete(Path.Combine(directory, name));
                changed = true;
            }
        }

        string[] swaps = [.. names.Where(name => name.EndsWith(SegmentName.SwapSuffix, StringComparison.Ordinal))];
        string[] valid = [.. swaps.Where(name => SegmentName.TryParseOffset(name, out long offset) && offset < firstCleaned)];
        foreach (string name in swaps.Except(valid))
        {
            store.Delete(Path.Combine(directory, name));
        }

        FinishSwap(store, directory, names, valid);
        return changed || swaps.Length > 0;
    }

    private static void FinishSwap(IFileStore store, string directory, string[] names, string[] swaps)
    {
        long from = long.MaxValue;
        long to = long.MinValue;
        foreach (string name in swaps.Where(name => name.EndsWith(SegmentName.LogSuffix + SegmentName.SwapSuffix, StringComparison.Ordinal)))
        {
            _ = SegmentName.TryParseOffset(name, out long baseOffset);
            from = Math.Min(from, baseOffset);
            long next = baseOffset;
            using ISegmentFile file = store.OpenSegment(Path.Combine(directory, name), int.MaxValue, preallocate: true);
            BatchScanner.Scan(file, 0, baseOffset, long.MaxValue, (in Protocol.Records.RecordBatchView batch, int _) => next = batch.NextOffset);
            to = Math.Max(to, next);
        }

        foreach (string name in names)
        {
            bool replaced = SegmentName.TryParseOffset(name, out long offset)
                && offset >= from
                && offset < to
                && (SegmentName.TryParse(name, SegmentName.LogSuffix, out _) || IsIndex(name));
            if (replaced)
            {
                store.Delete(Path.Combine(directory, name));
            }
        }

        foreach (string name in swaps)
        {
            string path = Path.Combine(directory, name);
            store.Rename(path, path[..^SegmentName.SwapSuffix.Length]);
        }
    }

    private static void RemoveOrphans(IFileStore store, string directory, string[] names, List<long> baseOffsets)
    {
        foreach (string name in names)
        {
            if (IsIndex(name) && SegmentName.TryParseOffset(name, out long offset) && !baseOffsets.Contains(offset))
            {
                store.Delete(Path.Combine(directory, name));
            }
        }
    }

    private static bool IsIndex(string name)
        => SegmentName.TryParse(name, SegmentName.OffsetIndexSuffix, out _)
            || SegmentName.TryParse(name, SegmentName.TimeIndexSuffix, out _)
            || SegmentName.TryParse(name, SegmentName.TransactionIndexSuffix, out _);
}
