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
/// <param name="Bytes">The file, whose checksums were right.</param>
internal sealed record Snapshot(LogPosition Id, long LastContainedTimestampMs, short KRaftVersion, VoterSet? Voters, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The state as records, decoded as they are read: all of a large cluster at once would take several times the room of its image.</summary>
    /// <exception cref="WireFormatException">A record is not one that this release knows.</exception>
    public IEnumerable<IMessage> Records => SnapshotReader.RecordsOf(Bytes);
}

/// <summary>Reads snapshots and bootstrap files of the metadata log and refuses those that are not whole.</summary>
internal static class SnapshotReader
{
    private const int HeaderBytesMax = 64 * 1024;

    /// <summary>Reads the snapshot; it must begin with its header, end with its footer, and every checksum must be right.</summary>
    /// <exception cref="WireFormatException">The file is damaged or not a snapshot.</exception>
    public static Snapshot Read(IFileStore store, string path, LogPosition id)
    {
        byte[] bytes = ReadAll(store, path);
        List<BatchContents> control = [];
        bool endsWithFooter = false;
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
        {
            RecordBatchView batch = First(rest, path);
            if (batch.IsControl) control.Add(BatchContents.Decode(batch));
            endsWithFooter = batch.IsControl && control[^1].Footer;
            rest = rest[batch.SizeInBytes..];
        }

        if (bytes.Length == 0 || !First(bytes, path).IsControl || control[0].Header is not { } header)
            throw new WireFormatException($"{path} does not begin with a snapshot header.");
        if (!endsWithFooter) throw new WireFormatException($"{path} does not end with a snapshot footer.");
        return new Snapshot(
            id,
            header.LastContainedLogTimestamp,
            control.LastOrDefault(static batch => batch.KRaftVersion is not null)?.KRaftVersion ?? 0,
            control.LastOrDefault(static batch => batch.Voters is not null)?.Voters?.Voters,
            bytes);
    }

    /// <summary>Time of the last record that the snapshot replaces; only the beginning of the file is read.</summary>
    /// <exception cref="WireFormatException">The file is damaged or not a snapshot.</exception>
    public static long LastContainedTimestampMs(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
        byte[] bytes = new byte[Math.Min(HeaderBytesMax, RandomAccess.GetLength(file))];
        int read = RandomAccess.Read(file, bytes, 0);
        RecordBatchView batch = First(bytes.AsSpan(0, read), path);
        return batch.IsControl && BatchContents.Decode(batch).Header is { } header
            ? header.LastContainedLogTimestamp
            : throw new WireFormatException($"{path} does not begin with a snapshot header.");
    }

    /// <summary>The records of a file without regard to header and footer: bootstrap.checkpoint, as releases up to 4.3 write it.</summary>
    /// <exception cref="WireFormatException">The file is damaged.</exception>
    public static IReadOnlyList<IMessage> ReadBootstrap(IFileStore store, string path)
    {
        byte[] bytes = ReadAll(store, path);
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;) rest = rest[First(rest, path).SizeInBytes..];
        return [.. RecordsOf(bytes)];
    }

    /// <summary>The records of batches whose checksums are known to be right.</summary>
    public static IEnumerable<IMessage> RecordsOf(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            IReadOnlyList<IMessage> records = Decode(ref bytes);
            foreach (IMessage record in records) yield return record;
        }
    }

    private static IReadOnlyList<IMessage> Decode(ref ReadOnlyMemory<byte> bytes)
    {
        _ = RecordBatchView.TryRead(bytes.Span, out RecordBatchView batch);
        bytes = bytes[batch.SizeInBytes..];
        return batch.IsControl ? [] : BatchContents.Decode(batch).Records;
    }

    private static byte[] ReadAll(IFileStore store, string path) => store.ReadAll(path) ?? throw new FileNotFoundException("No such snapshot.", path);

    private static RecordBatchView First(ReadOnlySpan<byte> rest, string path) =>
        RecordBatchView.TryRead(rest, out RecordBatchView batch) == RecordBatchStatus.Ok && batch.IsCrcValid()
            ? batch
            : throw new WireFormatException($"{path} is damaged {rest.Length} bytes before its end.");
}
