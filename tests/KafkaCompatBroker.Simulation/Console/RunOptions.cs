using System.Globalization;
using KafkaCompatBroker.Simulation.Groups;
using KafkaCompatBroker.Simulation.Transactions;

namespace KafkaCompatBroker.Simulation.Console;

/// <summary>What the command line asks for.</summary>
internal sealed class RunOptions
{
    public ulong First { get; private set; }

    public ulong Last { get; private set; } = 999;

    public bool IsLong { get; private set; }

    public bool IsVerbose { get; private set; }

    public HarnessFault? Fault { get; private set; }

    public GroupProtocol? Protocol { get; private set; }

    public SeededBug? Bug { get; private set; }

    /// <returns>Null when an option is not known or has no value.</returns>
    public static RunOptions? Parse(ReadOnlySpan<string> args)
    {
        RunOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--long":
                    options.IsLong = true;
                    continue;
                case "--verbose":
                    options.IsVerbose = true;
                    continue;
                case "--seeds" when TryRange(value, out ulong first, out ulong last):
                    (options.First, options.Last) = (first, last);
                    break;
                case "--fault" when Enum.TryParse(value, ignoreCase: true, out HarnessFault fault):
                    options.Fault = fault;
                    break;
                case "--protocol" when Enum.TryParse(value, ignoreCase: true, out GroupProtocol protocol):
                    options.Protocol = protocol;
                    break;
                case "--bug" when Enum.TryParse(value, ignoreCase: true, out SeededBug bug):
                    options.Bug = bug;
                    break;
                default:
                    return null;
            }

            i++;
        }

        return options;
    }

    private static bool TryRange(string text, out ulong first, out ulong last)
    {
        string[] range = text.Split('-');
        last = 0;
        return ulong.TryParse(range[0], CultureInfo.InvariantCulture, out first) && ulong.TryParse(range[^1], CultureInfo.InvariantCulture, out last) && range.Length <= 2;
    }
}
