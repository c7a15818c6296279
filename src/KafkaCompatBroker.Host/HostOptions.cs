namespace KafkaCompatBroker.Host;

internal enum HostVerb
{
    Start,
    Storage,
    Version,
    Help,
}

/// <summary>What the command line asks for.</summary>
internal sealed record HostOptions(
    HostVerb Verb,
    string? PropertiesFile,
    IReadOnlyList<KeyValuePair<string, string>> Overrides,
    bool AutoFormat,
    IReadOnlyList<string> StorageArguments)
{
    /// <exception cref="UsageException">The arguments make no sense; the message says which.</exception>
    public static HostOptions Parse(string[] arguments) => arguments switch
    {
        [] => new(HostVerb.Start, null, [], AutoFormat: true, []),
        ["start", .. var rest] => ParseStart(rest),
        ["storage", .. var rest] => new(HostVerb.Storage, null, [], AutoFormat: false, rest),
        ["--version"] => new(HostVerb.Version, null, [], AutoFormat: false, []),
        ["--help" or "-h" or "help"] => new(HostVerb.Help, null, [], AutoFormat: false, []),
        [var first, ..] => throw new UsageException($"unknown command '{first}'; kafka-broker --help lists them"),
    };

    private static HostOptions ParseStart(string[] arguments)
    {
        string? file = null;
        var overrides = new List<KeyValuePair<string, string>>();
        var autoFormat = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument == "--auto-format")
            {
                autoFormat = true;
            }
            else if (argument == "--override" && i + 1 < arguments.Length)
            {
                overrides.Add(ParseOverride(arguments[++i]));
            }
            else if (argument.StartsWith("--override=", StringComparison.Ordinal))
            {
                overrides.Add(ParseOverride(argument["--override=".Length..]));
            }
            else if (file is null && !argument.StartsWith('-'))
            {
                file = argument;
            }
            else
            {
                throw new UsageException($"unexpected argument '{argument}'; start takes [FILE] [--override property=value]... [--auto-format]");
            }
        }

        return new(HostVerb.Start, file, overrides, autoFormat || file is null, []);
    }

    private static KeyValuePair<string, string> ParseOverride(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new(text[..equals], text[(equals + 1)..])
            : throw new UsageException($"--override '{text}' is not property=value");
    }
}

/// <summary>The command line cannot be understood; the message is for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
