using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>The snapshots in the directory of the metadata log. The bootstrap snapshot counts as one that ends at offset 0.</summary>
internal sealed class SnapshotStore
{
    private readonly IFileStore _store;
    private readonly string _directory;
    private readonly SnapshotWriter _writer;
    private readonly ILogger _logger;
    private readonly List<LogPosition> _ids = [];

    public SnapshotStore(IFileStore store, string directory, TimeProvider time, ILogger logger)
    {
        _store = store;
        _directory = directory;
        _writer = new SnapshotWriter(store, directory, time);
        _logger = logger;
        if (!store.DirectoryExists(directory)) return;
        foreach (var name in store.FileNames(directory))
        {
            if (SnapshotName.TryParse(name, out var id)) Added(id.Value);
            // Kafka's own unfinished snapshots have a random middle part.
            else if (name.EndsWith(SnapshotName.PartialSuffix, StringComparison.Ordinal) || name.EndsWith(SnapshotName.DeletedSuffix, StringComparison.Ordinal) || name.EndsWith(".part", StringComparison.Ordinal))
                store.Delete(Path.Combine(directory, name));
        }
        Newest = ReadNewest();
    }

    /// <summary>The newest snapshot that is whole, as it was when the store was made; later ones are not kept in memory.</summary>
    public Snapshot? Newest { get; private set; }

    /// <summary>The oldest snapshot, null without one.</summary>
    public LogPosition? Oldest => _ids.Count == 0 ? null : _ids[0];

    /// <summary>By ascending offset.</summary>
    public IEnumerable<LogPosition> Ids => _ids;

    public long SizeBytes(LogPosition id) => new FileInfo(PathOf(id)).Length;

    /// <summary>Drops the contents of <see cref="Newest"/> once they have been applied.</summary>
    public void ForgetContents()
    {
        if (Newest is { } newest) Newest = newest with { Bytes = default };
    }

    /// <summary>Writes a snapshot durably; may run on another thread than the rest.</summary>
    public void Write(LogPosition id, long lastContainedTimestampMs, short kraftVersion, VoterSet? voters, IEnumerable<(IMessage Record, short Version)> records) =>
        _writer.Write(id, lastContainedTimestampMs, kraftVersion, voters, records);

    /// <summary>A snapshot has been written.</summary>
    public void Added(LogPosition id)
    {
        _ids.RemoveAll(known => known.Offset == id.Offset);
        int after = _ids.FindIndex(known => known.Offset > id.Offset);
        _ids.Insert(after < 0 ? _ids.Count : after, id);
    }

    public void Delete(LogPosition id)
    {
        _ids.RemoveAll(known => known.Offset == id.Offset);
        var path = PathOf(id);
        _store.Rename(path, path + ".deleted");
        _store.Delete(path + ".deleted");
    }

    /// <summary>A piece of a snapshot's file; null without such a snapshot.</summary>
    /// <param name="id">The snapshot.</param>
    /// <param name="position">First byte.</param>
    /// <param name="bytesMax">Most bytes.</param>
    public (long SizeBytes, byte[] Bytes)? ReadPiece(LogPosition id, long position, int bytesMax)
    {
        if (!_ids.Contains(id)) return null;
        using var file = File.OpenHandle(PathOf(id));
        var size = RandomAccess.GetLength(file);
        var bytes = new byte[Math.Clamp(size - position, 0, bytesMax)];
        return (size, bytes[..RandomAccess.Read(file, bytes, position)]);
    }

    /// <summary>Keeps a piece of a snapshot that another node sends; position 0 begins it anew.</summary>
    public void Keep(SnapshotChunk chunk)
    {
        _store.CreateDirectory(_directory);
        using var file = File.OpenHandle(PathOf(chunk.Snapshot) + ".part", chunk.Position == 0 ? FileMode.Create : FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, chunk.Bytes.Span, chunk.Position);
    }

    /// <summary>Makes what was kept a snapshot, durably; null when it is not whole, and then it is thrown away.</summary>
    public Snapshot? Install(LogPosition id)
    {
        var partial = PathOf(id) + ".part";
        try
        {
            var snapshot = SnapshotReader.Read(_store, partial, id);
            _store.Flush(partial);
            _store.Rename(partial, PathOf(id));
            _store.SyncDirectory(_directory);
            Added(id);
            return snapshot;
        }
        catch (Exception damage) when (damage is WireFormatException or RecordFormatException)
        {
            BrokerLog.SnapshotDamaged(_logger, partial, damage.Message);
            _store.Delete(partial);
            return null;
        }
    }

    /// <summary>The contents of a snapshot that is known to be whole.</summary>
    public Snapshot Read(LogPosition id) => SnapshotReader.Read(_store, PathOf(id), id);

    /// <summary>Time of the last record that a snapshot replaces; null when it cannot be read.</summary>
    public long? LastContainedTimestampMs(LogPosition id)
    {
        try
        {
            return SnapshotReader.LastContainedTimestampMs(PathOf(id));
        }
        catch (Exception damage) when (damage is WireFormatException or RecordFormatException or IOException)
        {
            BrokerLog.SnapshotDamaged(_logger, PathOf(id), damage.Message);
            return null;
        }
    }

    /// <summary>
    /// The records that the first leader of a cluster writes: those of the bootstrap snapshot, or of bootstrap.checkpoint as releases before
    /// 4.4 leave it beside the log.
    /// </summary>
    public IReadOnlyList<IMessage> ReadBootstrapRecords()
    {
        if (_ids.Contains(SnapshotName.Bootstrap) &&
            SnapshotReader.Read(_store, PathOf(SnapshotName.Bootstrap), SnapshotName.Bootstrap).Records.ToList() is { Count: > 0 } records) return records;
        var path = Path.Combine(_store.Root, "bootstrap.checkpoint");
        return _store.FileExists(path) ? SnapshotReader.ReadBootstrap(_store, path) : [];
    }

    private Snapshot? ReadNewest()
    {
        for (int i = _ids.Count - 1; i >= 0; i--)
        {
            LogPosition id = _ids[i];
            try
            {
                return SnapshotReader.Read(_store, PathOf(id), id);
            }
            catch (Exception damage) when (damage is WireFormatException or RecordFormatException)
            {
                // An older one, or the log, may still hold what is in it; if not, the core refuses the log as incomplete.
                BrokerLog.SnapshotDamaged(_logger, PathOf(id), damage.Message);
            }
        }
        return null;
    }

    private string PathOf(LogPosition id) => Path.Combine(_directory, SnapshotName.Of(id));
}
