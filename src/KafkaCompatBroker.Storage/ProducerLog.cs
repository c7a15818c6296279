using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// Producer state of a log and its snapshots on disk: one at the start of every segment, one at the end after a clean shutdown. A snapshot is only a
/// shortcut; what it lacks is replayed from the batches after it.
/// </summary>
internal sealed class ProducerLog(LogEnvironment environment, string directory)
{
    private readonly SortedSet<long> _snapshots = [];
    private readonly Queue<(long Offset, byte[] Content)> _unwritten = new();
    private long _lastSnapshotOffset = -1;

    public ProducerStates States { get; } = new();

    private IFileStore Store => environment.Store;

    /// <summary>Tells which snapshots there are; called once, while loading.</summary>
    public void Found(IEnumerable<long> snapshotOffsets) => _snapshots.UnionWith(snapshotOffsets);

    /// <summary>
    /// Starts from the newest good snapshot within (logStartOffset, logEndOffset]; others outside are removed. Returns the offset to replay from.
    /// </summary>
    public long Restore(long logStartOffset, long logEndOffset, long nowMs, long expirationMs)
    {
        Remove(_snapshots.Where(offset => offset > logEndOffset || offset <= logStartOffset).ToArray());
        while (_snapshots.Count > 0)
        {
            long offset = _snapshots.Max;
            if (ProducerSnapshot.Read(Store, PathOf(offset)) is { } records)
            {
                States.Restore(records, offset, nowMs, expirationMs);
                _lastSnapshotOffset = offset;
                return offset;
            }

            StorageLog.SnapshotDamaged(environment.Logger, PathOf(offset));
            Remove([offset]);
        }

        States.Clear(logStartOffset);
        _lastSnapshotOffset = logStartOffset;
        return logStartOffset;
    }

    /// <summary>Takes the state as it is now; the file is written by <see cref="WritePending"/>, off the append path.</summary>
    public void TakeSnapshot()
    {
        if (States.EndOffset > _lastSnapshotOffset)
        {
            _unwritten.Enqueue((States.EndOffset, ProducerSnapshot.ToBytes(States.Producers)));
            _snapshots.Add(States.EndOffset);
            _lastSnapshotOffset = States.EndOffset;
        }
    }

    public (long Offset, byte[] Content)[] TakePending()
    {
        (long, byte[])[] pending = [.. _unwritten];
        _unwritten.Clear();
        return pending;
    }

    public void WritePending(ReadOnlySpan<(long Offset, byte[] Content)> pending, bool durable)
    {
        foreach ((long offset, byte[] content) in pending)
        {
            Store.Write(PathOf(offset), content, durable);
        }
    }

    /// <summary>Puts back what could not be written because the disk is full.</summary>
    public void Requeue(ReadOnlySpan<(long Offset, byte[] Content)> pending)
    {
        foreach ((long Offset, byte[] Content) snapshot in pending)
        {
            if (_snapshots.Contains(snapshot.Offset))
            {
                _unwritten.Enqueue(snapshot);
            }
        }
    }

    /// <summary>Snapshots that belong to no segment: all but those at base offsets and the newest.</summary>
    public void RemoveStray(IReadOnlySet<long> baseOffsets)
    {
        if (_snapshots.Count > 0)
        {
            long newest = _snapshots.Max;
            Remove(_snapshots.Where(offset => offset != newest && !baseOffsets.Contains(offset)).ToArray());
        }
    }

    /// <summary>Removes the snapshots of deleted segments.</summary>
    public void RemoveAt(IEnumerable<long> baseOffsets) => Remove(baseOffsets.Where(_snapshots.Contains).ToArray());

    public void RemoveAll(long endOffset)
    {
        Remove([.. _snapshots]);
        _unwritten.Clear();
        States.Clear(endOffset);
        _lastSnapshotOffset = endOffset;
    }

    private void Remove(IEnumerable<long> offsets)
    {
        foreach (long offset in offsets)
        {
            _snapshots.Remove(offset);
            Store.Delete(PathOf(offset));
        }
    }

    private string PathOf(long offset) => Path.Combine(directory, SegmentName.Of(offset, SegmentName.SnapshotSuffix));
}
