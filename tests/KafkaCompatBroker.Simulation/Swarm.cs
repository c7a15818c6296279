namespace KafkaCompatBroker.Simulation;

/// <summary>
/// What one seed's history is made of. Each kind of fault is on in some histories only: two faults that are always on together hide what
/// either does alone (swarm testing). A probability is per thousand; an interval of 0 means never.
/// </summary>
internal sealed record Swarm
{
    public int Voters { get; private init; }

    public int Observers { get; private init; }

    /// <summary>Voters in the log instead of the configuration.</summary>
    public bool IsRecorded { get; private init; }

    public bool JoinsByItself { get; private init; }

    /// <summary>The metadata controller decides what is proposed; otherwise records mean nothing.</summary>
    public bool HasController { get; private init; }

    public int DurationMs { get; private init; }

    public int Loss { get; private init; }

    public int Duplication { get; private init; }

    public int DelayMs { get; private init; }

    /// <summary>Chance of a frame that comes seconds late, when its sender has long gone on.</summary>
    public int Stall { get; private init; }

    /// <summary>Frames of a link stay in order, as on one connection.</summary>
    public bool IsOrdered { get; private init; }

    /// <summary>A request to a node that is down fails at once instead of being lost.</summary>
    public bool RefusesConnections { get; private init; }

    public int PartitionEveryMs { get; private init; }

    public int CrashEveryMs { get; private init; }

    /// <summary>Chance of a crash between two steps of what a node carries out.</summary>
    public int CrashInStep { get; private init; }

    /// <summary>Crashes lose what was not synced.</summary>
    public bool LosesPower { get; private init; }

    /// <summary>Each step of a disk takes up to so long, and the node goes on meanwhile.</summary>
    public int DiskLatencyMs { get; private init; }

    public int SyncFailure { get; private init; }

    public int DiskFull { get; private init; }

    public int WipeEveryMs { get; private init; }

    public bool HasSkew { get; private init; }

    public int VoterChangeEveryMs { get; private init; }

    public int SnapshotEveryMs { get; private init; }

    public int ResignEveryMs { get; private init; }

    public int ProposeEveryMs { get; private init; }

    /// <summary>Rare but legal behaviour is made frequent: tiny reads, spurious ticks, refused snapshots.</summary>
    public bool Buggifies { get; private init; }

    public static Swarm Draw(SimulatedRandom random, SimulationForm form)
    {
        bool On() => random.Next(2) == 0;
        int Sometimes(int min, int max) => On() ? random.Next(min, max) : 0;
        var isRecorded = random.Next(3) > 0;
        return new Swarm
        {
            Voters = random.Next(10) switch { 0 => 1, 1 => 2, < 7 => 3, 7 => 4, _ => 5 },
            Observers = random.Next(3),
            IsRecorded = isRecorded,
            JoinsByItself = On(),
            HasController = random.Next(form == SimulationForm.Short ? 64 : 8) == 0,
            DurationMs = form == SimulationForm.Short ? random.Next(2_000, 8_000) : random.Next(30_000, 90_000),
            Loss = Sometimes(1, 300),
            Duplication = Sometimes(1, 300),
            DelayMs = random.Next(3) switch { 0 => 1, 1 => random.Next(2, 20), _ => random.Next(20, 200) },
            Stall = random.Next(3) == 0 ? random.Next(1, 30) : 0,
            IsOrdered = On(),
            RefusesConnections = On(),
            PartitionEveryMs = Sometimes(300, 4_000),
            CrashEveryMs = Sometimes(500, 6_000),
            CrashInStep = Sometimes(1, 30),
            LosesPower = On(),
            DiskLatencyMs = random.Next(3) == 0 ? random.Next(1, 60) : 0,
            SyncFailure = random.Next(4) == 0 ? random.Next(1, 10) : 0,
            DiskFull = random.Next(4) == 0 ? random.Next(1, 20) : 0,
            WipeEveryMs = isRecorded && random.Next(4) == 0 ? random.Next(2_000, 10_000) : 0,
            HasSkew = On(),
            VoterChangeEveryMs = Sometimes(200, 3_000),
            SnapshotEveryMs = Sometimes(100, 2_000),
            ResignEveryMs = random.Next(3) == 0 ? random.Next(1_000, 5_000) : 0,
            ProposeEveryMs = random.Next(3) switch { 0 => random.Next(10, 50), 1 => random.Next(50, 300), _ => random.Next(300, 1_500) },
            Buggifies = random.Next(3) == 0,
        };
    }
}
