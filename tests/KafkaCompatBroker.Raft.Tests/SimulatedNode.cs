namespace KafkaCompatBroker.Raft.Tests;

/// <summary>A node with its disk and the driver's duties. <see cref="Node"/> is null while it is down.</summary>
internal sealed class SimulatedNode(int id, VoterSet staticVoters, int seed, IReadOnlyList<int> bootstrapIds)
{
    private const int SnapshotBytes = 10;

    private int _starts;
    private long _endOffsetTaken;
    private ulong _wipes;
    private SnapshotChunk? _lastChunk;

    public int Id { get; } = id;

    public MemoryDisk Disk { get; } = new();

    public RaftNode? Node { get; private set; }

    /// <summary>While set, what the node is given to write is not written: its Ready stays open.</summary>
    public bool IsDiskHeld { get; set; }

    public Ready? Held { get; private set; }

    public long PublishedHighWatermark { get; private set; } = -1;

    public ReplicaKey Key => new(Id, new DirectoryId(7 + _wipes, (ulong)Id));

    /// <summary>Whether the node asks to be a voter by itself.</summary>
    public bool JoinsByItself { get; set; }

    /// <summary>The voters that a whole snapshot records; a snapshot's bytes mean nothing here.</summary>
    public required IDictionary<LogPosition, VoterSet?> SnapshotContents { get; init; }

    public int Port { get; set; } = 1;

    public void Start(long nowMs)
    {
        Held = null;
        PublishedHighWatermark = -1;
        var options = new RaftOptions(Key) { Endpoints = IsController ? [new VoterEndpoint("CONTROLLER", "localhost", Port)] : [], JoinsByItself = JoinsByItself, BootstrapIds = bootstrapIds };
        Node = new RaftNode(options, Disk.Load(), Disk.QuorumState, staticVoters, new Random(seed + (Id * 1000) + _starts++), nowMs);
    }

    /// <summary>A node without endpoints as a controller never votes.</summary>
    public bool IsController { get; init; }

    /// <summary>An empty disk has another directory id.</summary>
    public void Wipe()
    {
        if (Node is not null) throw new InvalidOperationException($"Node {Id} is running.");
        Disk.Wipe();
        _wipes++;
    }

    public void TakeSnapshot(long offset)
    {
        var (id, voters) = Node!.SnapshotIdentity(offset);
        SnapshotContents[id] = voters;
        Disk.CutBelow(id, voters);
        Node.SnapshotTaken(id);
        Node.LogStartRaised(id);
    }

    public void Stop(bool isLossy)
    {
        Node = null;
        if (isLossy) Disk.LosePowerSupply();
    }

    /// <summary>Carries out what the node decided; the messages are for the network.</summary>
    /// <param name="nowMs">The time.</param>
    /// <param name="crashAfter">Stops after so many steps of a Ready as a crash would; null for no crash.</param>
    public IReadOnlyList<RaftMessage> Drive(long nowMs, int? crashAfter = null)
    {
        var sent = new List<RaftMessage>();
        while (Node is not null && Held is null && Node.HasReady)
        {
            var ready = Node.TakeReady();
            _endOffsetTaken = Node.EndOffset;
            if (IsDiskHeld)
            {
                Held = ready;
                break;
            }
            if (!Write(ready, crashAfter)) return sent;
            Finish(ready, sent, nowMs);
        }
        return sent;
    }

    public IReadOnlyList<RaftMessage> ReleaseDisk(long nowMs)
    {
        IsDiskHeld = false;
        var sent = new List<RaftMessage>();
        if (Held is { } ready)
        {
            Held = null;
            Write(ready, null);
            Finish(ready, sent, nowMs);
        }
        sent.AddRange(Drive(nowMs));
        return sent;
    }

    private bool Write(Ready ready, int? crashAfter)
    {
        if (crashAfter == 0) return false;
        if (ready.QuorumState is { } state) Disk.QuorumState = state;
        if (crashAfter == 1) return false;
        if (ready.ResetTo is { } snapshot) Disk.ResetTo(snapshot.Offset);
        if (ready.TruncateTo is { } endOffset) Disk.TruncateTo(endOffset);
        if (ready.Entries.Count == 0) return true;
        Disk.Append(ready.Entries);
        if (crashAfter == 2) return false;
        Disk.Flush();
        return crashAfter != 3;
    }

    private void Finish(Ready ready, List<RaftMessage> sent, long nowMs)
    {
        Assert.Equal(_endOffsetTaken, Disk.EndOffset);
        foreach (var message in ready.Messages)
            sent.Add(message switch
            {
                FetchResponse { ReadFrom: { } offset } fetch => fetch with { ReadFrom = null, Entries = Disk.Read(offset, 1000) },
                FetchSnapshotResponse { IsToBeRead: true } piece => ReadPiece(piece),
                _ => message,
            });
        if (ready.HighWatermark is { } highWatermark)
        {
            Assert.True(highWatermark >= PublishedHighWatermark, $"High watermark of {Id} went back from {PublishedHighWatermark} to {highWatermark}.");
            PublishedHighWatermark = highWatermark;
        }
        Node!.Advance(ready, nowMs);
        foreach (var chunk in ready.SnapshotChunks) Keep(chunk, nowMs);
    }

    private FetchSnapshotResponse ReadPiece(FetchSnapshotResponse piece)
    {
        if (Disk.Snapshot != piece.Snapshot) return piece.WithError(RaftError.SnapshotNotFound);
        if (piece.Position >= SnapshotBytes) return piece.WithError(RaftError.PositionOutOfRange);
        return piece.WithPiece(SnapshotBytes, new byte[Math.Min(4, SnapshotBytes - piece.Position)]);
    }

    private void Keep(SnapshotChunk chunk, long nowMs)
    {
        Assert.True(chunk.Position == 0 || (_lastChunk!.Snapshot == chunk.Snapshot && _lastChunk.Position + _lastChunk.Bytes.Length == chunk.Position));
        _lastChunk = chunk;
        if (!chunk.IsLast) return;
        Disk.Install(chunk.Snapshot, SnapshotContents[chunk.Snapshot]);
        Node!.SnapshotInstalled(chunk.Snapshot, SnapshotContents[chunk.Snapshot], nowMs);
    }
}
