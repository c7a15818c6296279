namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>Runs histories of groups.</summary>
public static class GroupSimulator
{
    /// <summary>The protocol of a seed for which none is demanded: all of them in turn.</summary>
    public static GroupProtocol ProtocolOf(ulong seed) => (GroupProtocol)(seed % 3);

    /// <summary>Runs the history of one seed; <paramref name="tell"/> gets every event in words.</summary>
    public static GroupResult Run(ulong seed, GroupProtocol protocol, Action<string>? tell = null)
    {
        SimulatedRandom random = new(seed);
        GroupHistory history = protocol switch
        {
            GroupProtocol.Classic => new ClassicHistory(random) { Tell = tell },
            GroupProtocol.Consumer => new ConsumerHistory(random) { Tell = tell },
            _ => new MixedHistory(random) { Tell = tell },
        };
        long startMs = history.Shell.NowMs;
        string? violation = null;
        try
        {
            history.Run();
        }
        catch (Exception failure) when (failure is InvariantViolation or InvalidOperationException or ArgumentException or NullReferenceException or IndexOutOfRangeException or KeyNotFoundException)
        {
            // Inside the shard, too, a broken invariant shows as an exception.
            violation = failure is InvariantViolation ? failure.Message : failure.ToString();
        }

        return new GroupResult(
            history.Acts, history.Shell.Steps, history.Shell.LogEnd, history.Shell.NowMs - startMs, history.Upgrades, history.Downgrades, violation);
    }

    /// <summary>The first seed from <paramref name="first"/> to before <paramref name="end"/> whose history breaks something, and what; null when none does.</summary>
    public static string? FirstViolation(ulong first, ulong end)
    {
        for (ulong seed = first; seed < end; seed++)
            if (Run(seed, ProtocolOf(seed)) is { Violation: { } violation }) return $"seed {seed}: {violation}";
        return null;
    }
}
