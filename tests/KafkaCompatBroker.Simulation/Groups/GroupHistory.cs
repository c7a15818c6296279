namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>The history of one group: events that follow from the seed, checks after each of them, and an end in which nothing disturbs any more and all must come to rest.</summary>
internal abstract class GroupHistory
{
    /// <summary>Gets every event in words.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Events of clients, clocks, the cluster and the coordinator; each may be several steps of the shard.</summary>
    public int Acts { get; private set; }

    /// <summary>The coordinator.</summary>
    public abstract GroupRun Shell { get; }

    /// <summary>Times the group changed to the consumer protocol.</summary>
    public int Upgrades { get; protected set; }

    /// <summary>Times the group changed to the classic protocol.</summary>
    public int Downgrades { get; protected set; }

    /// <summary>How many events disturb the group before it must come to rest.</summary>
    protected abstract int Disturbances { get; }

    public void Run()
    {
        for (int i = 0; i < Disturbances; i++)
        {
            Acts++;
            string what = Disturb();
            Tell?.Invoke($"{Shell.NowMs} {what}\n    {State().Replace("\n", "\n    ", StringComparison.Ordinal)}");
            Check();
        }

        Shell.FailsToAppend = false;
        Settle();
        Tell?.Invoke($"{Shell.NowMs} at rest\n    {State().Replace("\n", "\n    ", StringComparison.Ordinal)}");
    }

    /// <summary>One event; tells which.</summary>
    protected abstract string Disturb();

    /// <summary>What must hold at all times.</summary>
    protected abstract void Check();

    /// <summary>From now on everybody behaves: the group has to come to rest.</summary>
    protected abstract void Settle();

    /// <summary>The group as clients see it.</summary>
    protected abstract string State();

    /// <summary>An event of the end, in which everybody behaves.</summary>
    protected void Acted() => Acts++;
}
