namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>The expressions that were read lately: each is needed when a member brings it and whenever topics come, and reading one costs more than matching thousands of names.</summary>
internal sealed class TopicPatterns
{
    /// <summary>Few, because the automaton of an expression may grow to megabytes.</summary>
    private const int KnownMax = 100;

    private readonly Dictionary<string, TopicPattern> _known = new(StringComparer.Ordinal);

    /// <param name="error">What is wrong with the expression; null when it is a good one.</param>
    /// <returns>Null when the expression is not one.</returns>
    public TopicPattern? Find(string expression, out string? error)
    {
        error = null;
        if (_known.TryGetValue(expression, out TopicPattern? known)) return known;
        try
        {
            TopicPattern pattern = TopicPattern.Parse(expression);
            if (_known.Count >= KnownMax) _known.Clear();
            _known.Add(expression, pattern);
            return pattern;
        }
        catch (FormatException exception)
        {
            error = exception.Message;
            return null;
        }
    }
}
