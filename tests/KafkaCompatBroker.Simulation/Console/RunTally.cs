using System.Globalization;

namespace KafkaCompatBroker.Simulation.Console;

/// <summary>Counts histories and what they cost.</summary>
internal sealed class RunTally
{
    private const int ViolationsMax = 20;

    private int _histories;

    public int Violations { get; private set; }

    /// <summary>False when enough has gone wrong.</summary>
    public bool GoesOn => Violations < ViolationsMax;

    /// <summary>Seconds of one core, start of the process and its compiler included; not of the wall: others may use the machine.</summary>
    public static double Seconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Counts a history; a violation is told in one line that starts with what repeats it.</summary>
    public void Add(string? violation, string repeatedBy)
    {
        _histories++;
        if (violation is null) return;
        Violations++;
        System.Console.WriteLine($"FAILED {repeatedBy}  {violation}");
    }

    public void Report(string what, string size, string more) => System.Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{_histories} {what}, {Violations} violations, {size} in {Seconds:0.0} s of one core: {_histories / Seconds:0} {what}/s, {more}"));
}
