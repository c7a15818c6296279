namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>An option of a storage command.</summary>
/// <param name="Name">Long name without dashes.</param>
/// <param name="Letter">Short name.</param>
/// <param name="Help">One line on what it is for.</param>
internal sealed record CommandOption(string Name, char Letter, string Help)
{
    /// <summary>Whether a value follows; otherwise the option is on or off.</summary>
    public bool TakesValue { get; init; } = true;

    public bool IsRequired { get; init; }

    /// <summary>Options of one group exclude each other.</summary>
    public string? ExclusiveGroup { get; init; }

    /// <summary>The option as error messages name it.</summary>
    public string Label => $"--{Name}/-{Letter}";

    public string Synopsis
    {
        get
        {
            var text = TakesValue ? $"--{Name} {Name.Replace('-', '_').ToUpperInvariant()}" : $"--{Name}";
            return IsRequired || ExclusiveGroup is not null ? text : $"[{text}]";
        }
    }
}
