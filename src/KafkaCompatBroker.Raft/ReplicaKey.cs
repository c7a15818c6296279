namespace KafkaCompatBroker.Raft;

/// <summary>A replica of the log: node id and the id of the directory that holds the log (KIP-853).</summary>
/// <param name="Id">Node id; negative for an observer without one.</param>
/// <param name="DirectoryId"><see cref="DirectoryId.Zero"/> when not known.</param>
public readonly record struct ReplicaKey(int Id, DirectoryId DirectoryId)
{
    /// <summary>Whether this key, as configured or recorded, means the replica <paramref name="other"/>: an unknown directory id means any.</summary>
    public bool Covers(ReplicaKey other) => Id == other.Id && (DirectoryId == DirectoryId.Zero || DirectoryId == other.DirectoryId);

    /// <inheritdoc/>
    public override string ToString() => DirectoryId == DirectoryId.Zero ? $"{Id}" : $"{Id}:{DirectoryId}";
}
