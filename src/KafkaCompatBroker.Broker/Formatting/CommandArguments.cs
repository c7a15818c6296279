namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>
/// The options that a storage command was given. Accepted are `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE` and unambiguous
/// beginnings of long names.
/// </summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, List<string>> _given = new(StringComparer.Ordinal);

    private CommandArguments() { }

    /// <summary>Whether -h or --help was among them; nothing else counts then.</summary>
    public bool WantsHelp { get; private set; }

    public bool Has(string name) => _given.ContainsKey(name);

    /// <summary>The last value given for an option, or null.</summary>
    public string? Value(string name) => _given.TryGetValue(name, out var values) ? values[^1] : null;

    /// <summary>Every value given for an option, in order.</summary>
    public IReadOnlyList<string> Values(string name) => _given.TryGetValue(name, out var values) ? values : [];

    /// <exception cref="UsageFailure">An option is unknown, lacks its value, is missing, or excludes another one.</exception>
    public static CommandArguments Parse(IReadOnlyList<string> words, IReadOnlyList<CommandOption> options)
    {
        var arguments = new CommandArguments();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word is "-h" or "--help")
            {
                arguments.WantsHelp = true;
                return arguments;
            }
            var (option, attached) = Find(word, options);
            if (!option.TakesValue)
            {
                if (attached is not null) throw new UsageFailure($"argument {option.Label}: ignored explicit argument '{attached}'");
                arguments.Add(option, "", options);
                continue;
            }
            if (attached is null && i + 1 >= words.Count) throw new UsageFailure($"argument {option.Label}: expected one argument");
            arguments.Add(option, attached ?? words[++i], options);
        }
        if (options.FirstOrDefault(option => option.IsRequired && !arguments.Has(option.Name)) is { } missing)
            throw new UsageFailure($"argument {missing.Label} is required");
        return arguments;
    }

    private void Add(CommandOption option, string value, IReadOnlyList<CommandOption> options)
    {
        var rival = option.ExclusiveGroup is null ? null
            : options.FirstOrDefault(other => other != option && other.ExclusiveGroup == option.ExclusiveGroup && Has(other.Name));
        if (rival is not null) throw new UsageFailure($"argument {option.Label}: not allowed with argument {rival.Label}");
        if (!_given.TryGetValue(option.Name, out var values)) _given[option.Name] = values = [];
        values.Add(value);
    }

    private static (CommandOption Option, string? Attached) Find(string word, IReadOnlyList<CommandOption> options)
    {
        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word[2..] : word[2..equals];
            var attached = equals < 0 ? null : word[(equals + 1)..];
            if (options.FirstOrDefault(option => option.Name == name) is { } exact) return (exact, attached);
            CommandOption[] begun = [.. options.Where(option => name.Length > 0 && option.Name.StartsWith(name, StringComparison.Ordinal))];
            if (begun.Length == 1) return (begun[0], attached);
            if (begun.Length > 1) throw new UsageFailure($"ambiguous option: --{name} could match {string.Join(", ", begun.Select(option => "--" + option.Name))}");
        }
        else if (word.Length >= 2 && word[0] == '-' && options.FirstOrDefault(option => option.Letter == word[1]) is { } option)
        {
            return (option, word.Length == 2 ? null : word[2..]);
        }
        throw new UsageFailure($"unrecognized arguments: '{word}'");
    }
}
