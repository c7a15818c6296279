namespace KafkaCompatBroker.Raft;

/// <summary>
/// A place in the log: <paramref name="Offset"/> is exclusive (everything below it), <paramref name="Epoch"/> is the epoch of the last
/// record below it. Also the identity of a snapshot, which holds everything below the offset.
/// </summary>
/// <param name="Offset">Exclusive end offset.</param>
/// <param name="Epoch">Leader epoch of the record at <paramref name="Offset"/> - 1; 0 when there is none.</param>
public readonly record struct LogPosition(long Offset, int Epoch)
{
    /// <summary>Raft's "at least as up to date": a later last epoch wins, then the longer log.</summary>
    public bool IsAtLeastAsNewAs(LogPosition other) => Epoch != other.Epoch ? Epoch > other.Epoch : Offset >= other.Offset;

    /// <inheritdoc/>
    public override string ToString() => $"{Offset}@{Epoch}";
}
