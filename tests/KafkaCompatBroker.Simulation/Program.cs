using System.Diagnostics;
using System.Globalization;
using KafkaCompatBroker.Simulation;

// kafka-broker simulation: --seeds A-B [--long] [--fault NAME] [--verbose]
var seeds = "0-999";
var form = SimulationForm.Short;
var fault = HarnessFault.None;
Action<string>? tell = null;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seeds": seeds = args[++i]; break;
        case "--verbose": tell = Console.WriteLine; break;
        case "--long": form = SimulationForm.Long; break;
        case "--fault": fault = Enum.Parse<HarnessFault>(args[++i], ignoreCase: true); break;
        default:
            Console.Error.WriteLine("usage: --seeds A-B [--long] [--fault NAME] [--verbose]");
            return 2;
    }
}
var range = seeds.Split('-');
var first = ulong.Parse(range[0], CultureInfo.InvariantCulture);
var last = ulong.Parse(range[^1], CultureInfo.InvariantCulture);
var coverage = new Coverage();
var (violations, events, virtualMs, hash) = (0L, 0L, 0L, 0UL);
for (var seed = first; seed <= last; seed++)
{
    var result = Simulator.Run(seed, form, fault, tell);
    (events, virtualMs, hash) = (events + result.Events, virtualMs + result.VirtualMs, (hash * 31) + result.Hash);
    coverage.Add(result.Coverage);
    if (result.Violation is null) continue;
    violations++;
    Console.WriteLine($"FAILED --seeds {seed}-{seed}{(form == SimulationForm.Long ? " --long" : "")}{(fault == HarnessFault.None ? "" : $" --fault {fault}")}  {result.Violation}");
    if (violations >= 20)
    {
        last = seed;
        break;
    }
}
// Seconds of one core, not of the wall: others may use the machine.
var seconds = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
var count = last - first + 1;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} seeds, {violations} violations, {events} events, {virtualMs / 1000} virtual s in {seconds:0.0} s of one core: {count / seconds:0} seeds/s, {events / seconds:0} events/s; hash {hash:x16}"));
foreach (var point in Enum.GetValues<Point>()) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {coverage[point],10}  {point}"));
return violations == 0 ? 0 : 1;
