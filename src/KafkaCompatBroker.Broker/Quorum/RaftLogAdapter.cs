using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>The log of __cluster_metadata-0 as the Raft core wants it. Used by the driver's thread only.</summary>
internal sealed class RaftLogAdapter(PartitionLog log, SnapshotStore snapshots, TimeProvider time) : IRaftLog
{
    private const int ScanBytes = 1024 * 1024;

    public long StartOffset => log.LogStartOffset;

    public long EndOffset => log.LogEndOffset;

    /// <summary>Bytes of all segments.</summary>
    public long SizeBytes => log.SizeBytes;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public RaftLogState Load()
    {
        // The core counts everything here as durable; the process before may have ended between an append and its sync.
        log.Flush();
        var newest = snapshots.Newest;
        // A log that ends below its snapshot was lost, or the snapshot was brought here without it.
        if (newest is { } id && log.LogEndOffset < id.Id.Offset) log.TruncateFullyAndStartAt(id.Id.Offset, NowMs);
        var voters = new List<(long, VoterSet)>();
        if (newest?.Voters is { } inSnapshot) voters.Add((newest.Id.Offset - 1, inSnapshot));
        foreach (var batch in Scan(log.LogStartOffset))
            if (batch.Voters is { } change && (voters.Count == 0 || change.Offset > voters[^1].Item1)) voters.Add(change);
        var epochs = log.Epochs.Select(static start => new Raft.EpochStart(start.Epoch, start.StartOffset)).ToList();
        return new RaftLogState(log.LogStartOffset, log.LogEndOffset, epochs, snapshots.Oldest, newest?.Id, voters);
    }

    public void Append(IReadOnlyList<RaftEntry> entries)
    {
        var nowMs = NowMs;
        foreach (var entry in entries)
        {
            var outcome = log.AppendFromLeader(Encode(entry, nowMs), nowMs);
            if (outcome.Error == ErrorCode.None) continue;
            if (!log.IsOffline && outcome.Error == ErrorCode.KafkaStorageError) throw new DiskFullException(log.DirectoryPath);
            throw new IOException($"Metadata log {log.DirectoryPath}: append at {entry.BaseOffset} failed with {outcome.Error} {outcome.Message}");
        }
    }

    public void ResetTo(long offset) => log.TruncateFullyAndStartAt(offset, NowMs);

    public void TruncateTo(long endOffset) => log.TruncateTo(endOffset, NowMs);

    public void Flush() => log.Flush();

    public void HighWatermarkMoved(long highWatermark) => log.UpdateHighWatermark(highWatermark);

    public IReadOnlyList<RaftEntry> Read(long offset, int bytesMax)
    {
        var slice = Slice(offset, bytesMax, log.LogEndOffset);
        using var lease = slice.Lease;
        return Entries(slice.Memory.Span);
    }

    /// <summary>The whole and undamaged batches at the beginning of <paramref name="bytes"/>; they hold copies.</summary>
    public static IReadOnlyList<RaftEntry> Entries(ReadOnlySpan<byte> bytes)
    {
        var entries = new List<RaftEntry>();
        while (RecordBatchView.TryRead(bytes, out var batch) == RecordBatchStatus.Ok && batch.IsCrcValid())
        {
            entries.Add(new RaftEntry(batch.BaseOffset, batch.LastOffsetDelta + 1, batch.PartitionLeaderEpoch, batch.Bytes.ToArray(), Control(batch)));
            bytes = bytes[batch.SizeInBytes..];
        }
        return entries;
    }

    /// <summary>The batches from <paramref name="offset"/> on, as many as are read at once; none at the end of the log.</summary>
    public IReadOnlyList<BatchContents> ReadContents(long offset, long endOffset)
    {
        var contents = new List<BatchContents>();
        var slice = Slice(offset, ScanBytes, endOffset);
        using var lease = slice.Lease;
        var rest = slice.Memory.Span;
        while (RecordBatchView.TryRead(rest, out var batch) == RecordBatchStatus.Ok)
        {
            contents.Add(BatchContents.Decode(batch));
            rest = rest[batch.SizeInBytes..];
        }
        return contents;
    }

    /// <summary>Deletes the log below a snapshot, as far as whole segments go.</summary>
    public void DeleteBelow(long offset)
    {
        log.AdvanceLogStartOffset(offset);
        log.DeleteOldSegments(NowMs);
    }

    /// <summary>Periodic work of the storage layer: files that wait for deletion.</summary>
    public void Tick() => log.Tick(NowMs, long.MaxValue);

    public void Close(bool clean) => log.Close(clean);

    private IEnumerable<BatchContents> Scan(long offset)
    {
        while (ControlBatches(ref offset) is { } found)
            foreach (var batch in found) yield return batch;
    }

    /// <summary>The control batches of the next stretch of the log; null at its end.</summary>
    private List<BatchContents>? ControlBatches(ref long offset)
    {
        var found = new List<BatchContents>();
        var slice = Slice(offset, ScanBytes, log.LogEndOffset);
        using var lease = slice.Lease;
        var rest = slice.Memory.Span;
        if (rest.IsEmpty) return null;
        while (RecordBatchView.TryRead(rest, out var batch) == RecordBatchStatus.Ok)
        {
            if (batch.IsControl) found.Add(BatchContents.Decode(batch));
            offset = batch.NextOffset;
            rest = rest[batch.SizeInBytes..];
        }
        return found;
    }

    private LogSlice Slice(long offset, int bytesMax, long endOffset)
    {
        var slice = log.Read(offset, bytesMax, endOffset, atLeastOneBatch: true);
        return slice.Status is ReadStatus.Corrupt or ReadStatus.Failed ? throw new IOException($"Metadata log {log.DirectoryPath} cannot be read at offset {offset}") : slice;
    }

    private static byte[] Encode(RaftEntry entry, long nowMs)
    {
        if (entry.Bytes.IsEmpty && entry.Control is LeaderChange change) return MetadataBatches.EpochStart(change, entry.BaseOffset, entry.Epoch, nowMs);
        if (entry.Bytes.IsEmpty && entry.Control is VotersChange voters) return MetadataBatches.Voters(voters, entry.BaseOffset, entry.Epoch, nowMs);
        // Proposed before its place was known; offset and epoch are outside the checksum.
        var bytes = entry.Bytes.ToArray();
        RecordBatchEdit.SetBaseOffset(bytes, entry.BaseOffset);
        RecordBatchEdit.SetPartitionLeaderEpoch(bytes, entry.Epoch);
        return bytes;
    }

    private static VotersChange? Control(RecordBatchView batch) =>
        batch.IsControl && BatchContents.Decode(batch) is { Voters: { } voters } contents ? new VotersChange(voters.Offset, voters.Voters, contents.KRaftVersion) : null;
}
