using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Writes snapshots of the metadata log (KIP-630). A snapshot gets its name only when it is complete and synced, so a crash leaves either a
/// good one or a .part file that the next start removes.
/// </summary>
internal sealed class SnapshotWriter(IFileStore store, string directory, TimeProvider time)
{
    private const int BatchBytesMax = 512 * 1024;

    /// <summary>Writes the snapshot <paramref name="id"/> and makes it durable.</summary>
    /// <param name="id">Where in the log it ends.</param>
    /// <param name="lastContainedTimestampMs">Time of the last record that it replaces.</param>
    /// <param name="kraftVersion">The kraft.version in force there.</param>
    /// <param name="voters">The voters in force there, null when the log names none.</param>
    /// <param name="records">The state as records, with the version of each.</param>
    /// <exception cref="IOException">The disk failed; there is no snapshot then.</exception>
    public void Write(LogPosition id, long lastContainedTimestampMs, short kraftVersion, VoterSet? voters, IEnumerable<(IMessage Record, short Version)> records)
    {
        var path = Path.Combine(directory, SnapshotName.Of(id));
        var partial = path + ".part";
        store.CreateDirectory(directory);
        try
        {
            using var file = File.Create(partial);
            file.Write(MetadataBatches.SnapshotHeader(lastContainedTimestampMs, kraftVersion, voters, id.Epoch, NowMs()));
            var offset = WriteRecords(file, records, 1 + (kraftVersion > 0 ? 1 : 0) + (voters is null ? 0 : 1), id.Epoch);
            file.Write(MetadataBatches.SnapshotFooter(offset, id.Epoch, NowMs()));
        }
        catch (IOException)
        {
            // A full disk needs the room more than anybody needs half a snapshot; the next one has another name.
            File.Delete(partial);
            throw;
        }
        store.Flush(partial);
        // As Kafka leaves them: nobody edits a snapshot.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(partial, UnixFileMode.UserRead);
        store.Rename(partial, path);
        store.SyncDirectory(directory);
    }

    private long WriteRecords(FileStream file, IEnumerable<(IMessage Record, short Version)> records, long offset, int epoch)
    {
        var frames = new List<byte[]>();
        var bytes = 0;
        foreach (var (record, version) in records)
        {
            var frame = MetadataRecordFrame.Write(record, version);
            if (bytes + frame.Length > BatchBytesMax && frames.Count > 0) WriteBatch();
            frames.Add(frame);
            bytes += frame.Length;
        }
        if (frames.Count > 0) WriteBatch();
        return offset;

        void WriteBatch()
        {
            file.Write(MetadataBatches.Records(frames, offset, epoch, NowMs()));
            offset += frames.Count;
            frames.Clear();
            bytes = 0;
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
