namespace KafkaCompatBroker.Simulation;

/// <summary>Runs histories.</summary>
public static class Simulator
{
    /// <summary>Runs the history of one seed; <paramref name="tell"/> gets every event in words.</summary>
    public static SimulationResult Run(ulong seed, SimulationForm form, HarnessFault fault = HarnessFault.None, Action<string>? tell = null)
    {
        var history = new History(seed, form, fault) { Tell = tell };
        string? violation = null;
        try
        {
            history.Run();
        }
        catch (Exception failure) when (failure is InvariantViolation or InvalidOperationException or ArgumentException or NullReferenceException or IndexOutOfRangeException or KeyNotFoundException)
        {
            // Inside the core, too, a broken invariant shows as an exception.
            violation = failure is InvariantViolation ? failure.Message : failure.ToString();
        }
        return new SimulationResult(seed, history.Hash, history.Events, history.NowMs, violation, history.Coverage);
    }

    /// <summary>The first seed from <paramref name="first"/> to before <paramref name="end"/> whose history breaks something, and what; null when none does.</summary>
    public static string? FirstViolation(ulong first, ulong end, SimulationForm form, HarnessFault fault)
    {
        for (var seed = first; seed < end; seed++)
            if (Run(seed, form, fault) is { Violation: { } violation }) return $"seed {seed}: {violation}";
        return null;
    }
}
