namespace KafkaCompatBroker.Raft;

/// <summary>
/// The replicated log as the driver of a <see cref="RaftNode"/> needs it. The node decides, the driver applies each <see cref="Ready"/> to
/// this in the order given there. Methods throw when the disk fails, which ends the node: a log that cannot be written cannot vote.
/// </summary>
public interface IRaftLog
{
    /// <summary>
    /// What is on the disk, read once before the node is made, and synced before it is read: the node counts all of it as durable, though
    /// the process before may have ended between an append and its sync. The same goes for the quorum state.
    /// </summary>
    RaftLogState Load();

    /// <summary>Offset after the last record, synced or not.</summary>
    long EndOffset { get; }

    /// <summary>Writes batches at the end; they need not survive a crash before <see cref="Flush"/>.</summary>
    void Append(IReadOnlyList<RaftEntry> entries);

    /// <summary>Removes every record and goes on at <paramref name="offset"/>, which a snapshot on the disk ends at.</summary>
    void ResetTo(long offset);

    /// <summary>Removes the records from <paramref name="endOffset"/> on.</summary>
    void TruncateTo(long endOffset);

    /// <summary>Returns when everything appended so far survives a power loss.</summary>
    void Flush();

    /// <summary>Whole batches from <paramref name="offset"/> on, at least one if there is one, as much as fits in <paramref name="bytesMax"/>.</summary>
    IReadOnlyList<RaftEntry> Read(long offset, int bytesMax);

    /// <summary>Tells the log what is committed: retention and truncation must respect it.</summary>
    void HighWatermarkMoved(long highWatermark);
}
