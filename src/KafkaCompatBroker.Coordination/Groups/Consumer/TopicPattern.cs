using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// A regular expression in RE2 syntax that matches whole topic names. Matching takes time linear in the name, and an expression whose
/// automaton would be huge is refused, so that no subscription can stop the coordinator.
/// </summary>
internal sealed class TopicPattern
{
    private readonly Regex _regex;

    private TopicPattern(Regex regex) => _regex = regex;

    /// <summary>What is wrong with an expression; null when it is a good one.</summary>
    public static string? Check(string expression)
    {
        try
        {
            _ = Parse(expression);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>The pattern; null when the expression is not one.</summary>
    public static TopicPattern? TryParse(string expression)
    {
        try
        {
            return Parse(expression);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public bool Matches(string topic) => _regex.IsMatch(topic);

    /// <exception cref="FormatException">The expression is not one, or too big.</exception>
    private static TopicPattern Parse(string expression)
    {
        string translated = new Re2Translator(expression).Translate();
        try
        {
            return new TopicPattern(new Regex($@"\A(?:{translated})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException)
        {
            throw new FormatException("it is too big", exception);
        }
    }
}
