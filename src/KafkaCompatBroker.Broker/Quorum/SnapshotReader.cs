using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>A snapshot as read from its file.</summary>
/// <param name="Id">Where in the log it ends.</param>
/// <param name="LastContainedTimestampMs">Time of the last record that it replaces.</param>
/// <param name="KRaftVersion">The kraft.version in force there.</param>
/// <param name="Voters">The voters in force there, null when the log names none.</param>
/// <param name="Batches">The state as records, by batch.</param>
internal sealed record Snapshot(LogPosition Id, long LastContainedTimestampMs, short KRaftVersion, VoterSet? Voters, IReadOnlyList<IReadOnlyList<IMessage>> Batches)
{
    public IEnumerable<IMessage> Records => Batches.SelectMany(static batch => batch);
}

/// <summary>Reads snapshots and bootstrap files of the metadata log and refuses those that are not whole.</summary>
internal static class SnapshotReader
{
    /// <summary>Reads the snapshot; it must begin with its header, end with its footer, and every checksum must be right.</summary>
    /// <exception cref="WireFormatException">The file is damaged or not a snapshot.</exception>
    public static Snapshot Read(IFileStore store, string path, LogPosition id)
    {
        var batches = Batches(store, path);
        if (batches.Count == 0 || batches[0].Header is not { } header) throw new WireFormatException($"{path} does not begin with a snapshot header.");
        if (!batches[^1].Footer) throw new WireFormatException($"{path} does not end with a snapshot footer.");
        return new Snapshot(
            id,
            header.LastContainedLogTimestamp,
            batches.LastOrDefault(static batch => batch.KRaftVersion is not null)?.KRaftVersion ?? 0,
            batches.LastOrDefault(static batch => batch.Voters is not null)?.Voters?.Voters,
            [.. batches.Where(static batch => batch.Records.Count > 0).Select(static batch => batch.Records)]);
    }

    /// <summary>The records of a file without regard to header and footer: bootstrap.checkpoint, as releases up to 4.3 write it.</summary>
    /// <exception cref="WireFormatException">The file is damaged.</exception>
    public static IReadOnlyList<IMessage> ReadBootstrap(IFileStore store, string path) => [.. Batches(store, path).SelectMany(static batch => batch.Records)];

    private static List<BatchContents> Batches(IFileStore store, string path)
    {
        ReadOnlySpan<byte> rest = store.ReadAll(path) ?? throw new FileNotFoundException("No such snapshot.", path);
        var batches = new List<BatchContents>();
        while (!rest.IsEmpty)
        {
            if (RecordBatchView.TryRead(rest, out var batch) != RecordBatchStatus.Ok || !batch.IsCrcValid())
                throw new WireFormatException($"{path} is damaged {rest.Length} bytes before its end.");
            batches.Add(BatchContents.Decode(batch));
            rest = rest[batch.SizeInBytes..];
        }
        return batches;
    }
}
