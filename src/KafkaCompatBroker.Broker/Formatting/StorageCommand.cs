namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>
/// The command line of bin/kafka-storage.sh: format, info, version-mapping, feature-dependencies, random-uuid, with Apache Kafka's options,
/// output and exit codes.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="loadProperties">Reads a file in Java properties syntax.</param>
/// <param name="time">For the time stamps in files.</param>
public sealed class StorageCommand(TextWriter output, TextWriter error, Func<string, IReadOnlyDictionary<string, string>> loadProperties, TimeProvider time)
{
    private const string Program = "kafka-storage";

    private static readonly CommandOption ConfigOption = new("config", 'c', "The properties file of the node.") { IsRequired = true };

    private static readonly CommandOption[] FormatOptions =
    [
        ConfigOption,
        new("cluster-id", 't', "The id of the cluster, the same on every node.") { IsRequired = true },
        new("add-scram", 'S', "A SCRAM credential to begin with, such as SCRAM-SHA-512=[name=alice,password=secret]. May be repeated."),
        new("ignore-formatted", 'g', "Leave directories alone that are formatted already.") { TakesValue = false },
        new("release-version", 'r', $"The release whose features the cluster begins with, from {ReleaseFeatures.LowestName} on; {ReleaseFeatures.HighestName} unless given."),
        new("feature", 'f', "The level of one feature, as name=level. May be repeated."),
        new("standalone", 's', "This controller is a quorum of its own, which others may join later.") { TakesValue = false, ExclusiveGroup = "quorum" },
        new("no-initial-controllers", 'N', "This node joins a quorum that exists already.") { TakesValue = false, ExclusiveGroup = "quorum" },
        new("initial-controllers", 'I', "The quorum to begin with, as id@host:port:directory,... the same on every node.") { ExclusiveGroup = "quorum" },
    ];

    private static readonly CommandOption[] MappingOptions =
        [new("release-version", 'r', $"The release to look up, from {ReleaseFeatures.LowestName} on; {ReleaseFeatures.HighestName} unless given.")];

    private static readonly CommandOption[] DependencyOptions =
        [new("feature", 'f', "The level of a feature, as name=level. May be repeated.") { IsRequired = true }];

    private static readonly (string Verb, CommandOption[] Options, string Help)[] Verbs =
    [
        ("info", [ConfigOption], "Shows the state of a node's log directories."),
        ("format", FormatOptions, "Prepares a node's log directories for its first start."),
        ("version-mapping", MappingOptions, "Shows the features of a release."),
        ("feature-dependencies", DependencyOptions, "Shows what a level of a feature needs."),
        ("random-uuid", [], "Prints a random id."),
    ];

    /// <summary>Runs the command and returns its exit code.</summary>
    public int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return Refuse(ProgramUsage(), Program, "too few arguments");
        if (arguments[0] is "-h" or "--help")
        {
            PrintHelp();
            return 0;
        }
        var (verb, options, help) = Verbs.FirstOrDefault(known => known.Verb == arguments[0]);
        if (verb is null)
            return Refuse(ProgramUsage(), Program, $"invalid choice: '{arguments[0]}' (choose from {string.Join(", ", Verbs.Select(known => $"'{known.Verb}'"))})");
        try
        {
            var given = CommandArguments.Parse([.. arguments.Skip(1)], options);
            if (!given.WantsHelp) return Run(verb, given);
            PrintHelp(verb, options, help);
            return 0;
        }
        catch (UsageFailure failure)
        {
            return Refuse(VerbUsage(verb, options), Program, failure.Message);
        }
        catch (Exception failure) when (failure is FormatFailure or IOException or UnauthorizedAccessException or FormatException)
        {
            error.WriteLine(failure is FileNotFoundException missing ? $"No such file: {missing.FileName}" : failure.Message);
            return 1;
        }
    }

    private int Run(string verb, CommandArguments given)
    {
        switch (verb)
        {
            case "info": return new InfoCommand(output).Run(Settings(given));
            case "format": FormatCommand.Run(given, Settings(given), output, time); break;
            case "version-mapping": FeatureCommands.PrintMapping(given.Value("release-version"), output); break;
            case "feature-dependencies": FeatureCommands.PrintDependencies(given.Values("feature"), output); break;
            default: output.WriteLine(RandomId.Next()); break;
        }
        return 0;
    }

    private NodeSettings Settings(CommandArguments given) => NodeSettings.From(loadProperties(given.Value("config")!));

    private int Refuse(string usage, string program, string message)
    {
        error.WriteLine(usage);
        error.WriteLine($"{program}: error: {message}");
        return 1;
    }

    private static string ProgramUsage() => $"usage: {Program} [-h] {{{string.Join(',', Verbs.Select(verb => verb.Verb))}}} ...";

    private static string VerbUsage(string verb, CommandOption[] options)
    {
        var words = options.Where(option => option.ExclusiveGroup is null).Select(option => option.Synopsis).Prepend("[-h]").ToList();
        var exclusive = options.Where(option => option.ExclusiveGroup is not null).Select(option => option.Synopsis);
        if (exclusive.Any()) words.Add($"[{string.Join(" | ", exclusive)}]");
        return $"usage: {Program} {verb} {string.Join(' ', words)}";
    }

    private void PrintHelp()
    {
        output.WriteLine(ProgramUsage());
        output.WriteLine();
        foreach (var (verb, _, help) in Verbs) output.WriteLine($"  {verb,-22} {help}");
    }

    private void PrintHelp(string verb, CommandOption[] options, string help)
    {
        output.WriteLine(VerbUsage(verb, options));
        output.WriteLine();
        output.WriteLine(help);
        foreach (var option in options) output.WriteLine($"  --{option.Name + ", -" + option.Letter,-28} {option.Help}");
    }
}
