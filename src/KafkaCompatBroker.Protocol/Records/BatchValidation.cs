namespace KafkaCompatBroker.Protocol.Records;

/// <summary>What <see cref="RecordBatchValidator"/> found: a rejection, or the batch to append and how to finish it.</summary>
public readonly struct BatchValidation
{
    private readonly TimestampType _timestampType;
    private readonly bool _needsTimestamp;

    internal BatchValidation(BatchRejection rejection) => Rejection = rejection;

    internal BatchValidation(
        ReadOnlyMemory<byte> bytes, int recordCount, TimestampType timestampType, long maxTimestampMs, bool needsTimestamp)
    {
        Bytes = bytes;
        RecordCount = recordCount;
        MaxTimestampMs = maxTimestampMs;
        _timestampType = timestampType;
        _needsTimestamp = needsTimestamp;
    }

    /// <summary>Why nothing may be appended; null when the batch is good.</summary>
    public BatchRejection? Rejection { get; }

    /// <summary>Exactly one batch to append: a slice of what was sent, or a new one if it had to be compressed anew.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>How many offsets the batch takes.</summary>
    public int RecordCount { get; }

    /// <summary>Largest timestamp as it will be stored, ms since the epoch; -1 for none.</summary>
    public long MaxTimestampMs { get; }

    /// <summary>
    /// Finishes a copy of the beginning of <see cref="Bytes"/>, or of all of it: offset, leader epoch, and where the producer's
    /// header does not already say so, type and maximum of the timestamps with a new checksum.
    /// </summary>
    /// <param name="head">The copy; the whole header is in it.</param>
    /// <param name="rest">What follows it in the batch.</param>
    /// <param name="baseOffset">Offset of the first record.</param>
    /// <param name="leaderEpoch">Epoch of the leader that appends the batch.</param>
    public void Stamp(Span<byte> head, ReadOnlySpan<byte> rest, long baseOffset, int leaderEpoch)
    {
        RecordBatchEdit.SetBaseOffset(head, baseOffset);
        RecordBatchEdit.SetPartitionLeaderEpoch(head, leaderEpoch);
        if (_needsTimestamp)
            RecordBatchEdit.SetMaxTimestamp(head, _timestampType, MaxTimestampMs, rest);
    }
}
