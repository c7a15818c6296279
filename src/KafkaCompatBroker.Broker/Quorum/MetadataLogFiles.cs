using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>What the metadata log consists of on disk.</summary>
internal sealed record MetadataLogFiles(RaftLogAdapter Log, SnapshotStore Snapshots, QuorumStateFile QuorumState)
{
    /// <summary>An answer as it leaves: it holds what was appended while it waited.</summary>
    public RaftResponse WithBytes(RaftResponse response, int bytesMax, MetadataLogOptions options)
    {
        switch (response)
        {
            case FetchResponse { ReadFrom: { } offset } fetch:
                return fetch with { Entries = Log.Read(offset, Math.Clamp(bytesMax, 0, options.Raft.FetchBytesMax)) };
            case FetchSnapshotResponse { IsToBeRead: true } piece:
                if (Snapshots.ReadPiece(piece.Snapshot, piece.Position, Math.Clamp(bytesMax, 1, options.SnapshotPieceBytesMax)) is not { } read)
                    return piece.WithError(RaftError.SnapshotNotFound);
                return read.Bytes.Length == 0 ? piece.WithError(RaftError.PositionOutOfRange) : piece.WithPiece(read.SizeBytes, read.Bytes);
            default:
                return response;
        }
    }
}
