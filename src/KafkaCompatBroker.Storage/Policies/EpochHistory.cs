namespace KafkaCompatBroker.Storage.Policies;

/// <summary>An epoch of leadership and the first offset written in it.</summary>
public readonly record struct EpochStart(int Epoch, long StartOffset);

/// <summary>
/// The leader epochs of one partition, oldest first, both numbers rising (KIP-101, KIP-279). One writer, any readers: every change replaces the array.
/// </summary>
public sealed class EpochHistory
{
    /// <summary>Answer when nothing is known of an epoch.</summary>
    public static readonly EpochStart Undefined = new(-1, -1);

    private EpochStart[] _entries = [];

    public IReadOnlyList<EpochStart> Entries => Volatile.Read(ref _entries);

    /// <summary>Epoch of the newest entry; -1 when empty.</summary>
    public int LatestEpoch => Volatile.Read(ref _entries) is [.., var last] ? last.Epoch : -1;

    /// <summary>Takes entries of a checkpoint, leaving out what is not in order.</summary>
    public void Load(IEnumerable<EpochStart> entries)
    {
        foreach (EpochStart entry in entries)
        {
            Assign(entry.Epoch, entry.StartOffset);
        }
    }

    /// <summary>Notes that an epoch begins; entries that contradict it go. False when nothing changed.</summary>
    public bool Assign(int epoch, long startOffset)
    {
        EpochStart[] entries = _entries;
        if (epoch < 0 || startOffset < 0 || (entries is [.., var last] && last.Epoch == epoch && last.StartOffset <= startOffset))
        {
            return false;
        }

        int keep = entries.Length;
        while (keep > 0 && (entries[keep - 1].Epoch >= epoch || entries[keep - 1].StartOffset >= startOffset))
        {
            keep--;
        }

        Publish([.. entries.AsSpan(0, keep), new EpochStart(epoch, startOffset)]);
        return true;
    }

    /// <summary>
    /// Where the largest epoch not above <paramref name="epoch"/> ends (OffsetForLeaderEpoch): the start of the next one, or the end of the log for the
    /// latest. <see cref="Undefined"/> when the epoch is newer than any known here.
    /// </summary>
    public EpochStart EndOf(int epoch, long logEndOffset)
    {
        EpochStart[] entries = Volatile.Read(ref _entries);
        if (epoch < 0 || entries.Length == 0)
        {
            return Undefined;
        }

        if (entries[^1].Epoch == epoch)
        {
            return new EpochStart(epoch, logEndOffset);
        }

        int higher = 0;
        while (higher < entries.Length && entries[higher].Epoch <= epoch)
        {
            higher++;
        }

        if (higher == entries.Length)
        {
            return Undefined;
        }

        return new EpochStart(higher == 0 ? epoch : entries[higher - 1].Epoch, entries[higher].StartOffset);
    }

    /// <summary>Epoch in which an offset was (or will be) written; -1 when unknown.</summary>
    public int EpochOf(long offset)
    {
        int epoch = -1;
        foreach (EpochStart entry in Volatile.Read(ref _entries))
        {
            if (entry.StartOffset > offset)
            {
                break;
            }

            epoch = entry.Epoch;
        }

        return epoch;
    }

    /// <summary>Forgets epochs that begin at or after the new end of the log. False when nothing changed.</summary>
    public bool TruncateFromEnd(long endOffset)
    {
        EpochStart[] entries = _entries;
        int keep = entries.Length;
        while (keep > 0 && entries[keep - 1].StartOffset >= endOffset)
        {
            keep--;
        }

        if (keep == entries.Length)
        {
            return false;
        }

        Publish(entries[..keep]);
        return true;
    }

    /// <summary>Forgets epochs that ended before the new start of the log; the one in force there begins at it. False when nothing changed.</summary>
    public bool TruncateFromStart(long startOffset)
    {
        EpochStart[] entries = _entries;
        int covered = 0;
        while (covered < entries.Length && entries[covered].StartOffset <= startOffset)
        {
            covered++;
        }

        if (covered == 0 || (covered == 1 && entries[0].StartOffset == startOffset))
        {
            return false;
        }

        Publish([new EpochStart(entries[covered - 1].Epoch, startOffset), .. entries.AsSpan(covered)]);
        return true;
    }

    public bool Clear()
    {
        bool had = _entries.Length > 0;
        Publish([]);
        return had;
    }

    private void Publish(EpochStart[] entries) => Volatile.Write(ref _entries, entries);
}
