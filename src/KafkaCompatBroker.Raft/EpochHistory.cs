namespace KafkaCompatBroker.Raft;

/// <summary>Where each leader epoch starts in the log; ascending in epoch and in offset.</summary>
internal sealed class EpochHistory
{
    private readonly List<EpochStart> _starts = [];

    public EpochHistory(IEnumerable<EpochStart> starts)
    {
        foreach (var start in starts) Add(start.Epoch, start.Offset);
    }

    public int? LatestEpoch => _starts.Count == 0 ? null : _starts[^1].Epoch;

    /// <summary>Notes that records of <paramref name="epoch"/> begin at <paramref name="offset"/>; does nothing inside the latest epoch.</summary>
    public void Add(int epoch, long offset)
    {
        if (_starts.Count > 0)
        {
            var last = _starts[^1];
            if (last.Epoch == epoch) return;
            if (epoch < last.Epoch || offset < last.Offset)
                throw new InvalidOperationException($"Epoch {epoch} from offset {offset} after epoch {last.Epoch} from offset {last.Offset}.");
            // An epoch that wrote nothing leaves no trace, or two epochs would claim one offset.
            if (last.Offset == offset) _starts.RemoveAt(_starts.Count - 1);
        }
        _starts.Add(new EpochStart(epoch, offset));
    }

    /// <summary>The largest known epoch not above <paramref name="epoch"/> and where it ends; null when there is none.</summary>
    public LogPosition? EndOf(int epoch, long logEndOffset)
    {
        for (var i = _starts.Count - 1; i >= 0; i--)
            if (_starts[i].Epoch <= epoch) return new LogPosition(i + 1 < _starts.Count ? _starts[i + 1].Offset : logEndOffset, _starts[i].Epoch);
        return null;
    }

    /// <summary>The epoch of the record at <paramref name="offset"/>; null below the first known epoch.</summary>
    public int? EpochAt(long offset)
    {
        for (var i = _starts.Count - 1; i >= 0; i--)
            if (_starts[i].Offset <= offset) return _starts[i].Epoch;
        return null;
    }

    public void TruncateTo(long endOffset)
    {
        while (_starts.Count > 0 && _starts[^1].Offset >= endOffset) _starts.RemoveAt(_starts.Count - 1);
    }

    /// <summary>Forgets epochs that end at or below <paramref name="startOffset"/>; the one around it is moved up to start there.</summary>
    public void TrimTo(long startOffset)
    {
        while (_starts.Count > 1 && _starts[1].Offset <= startOffset) _starts.RemoveAt(0);
        if (_starts.Count > 0 && _starts[0].Offset < startOffset) _starts[0] = _starts[0] with { Offset = startOffset };
    }

    public void ResetTo(LogPosition snapshot)
    {
        _starts.Clear();
        if (snapshot.Offset > 0) _starts.Add(new EpochStart(snapshot.Epoch, snapshot.Offset));
    }
}

/// <summary>The first offset written in a leader epoch.</summary>
/// <param name="Epoch">Leader epoch.</param>
/// <param name="Offset">Offset of its first record.</param>
public readonly record struct EpochStart(int Epoch, long Offset);
