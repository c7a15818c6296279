using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// A regular expression in RE2 syntax that matches whole topic names. Matching takes time linear in the name, and an expression whose
/// automaton would be huge is refused, so that no subscription can stop the coordinator.
/// </summary>
internal sealed class TopicPattern
{
    private const string AnyEnd = ".*";

    private readonly Regex? _regex;
    private readonly string _start = "";

    private TopicPattern(Regex regex) => _regex = regex;

    private TopicPattern(string start) => _start = start;

    public bool Matches(string topic) => _regex?.IsMatch(topic) ?? topic.StartsWith(_start, StringComparison.Ordinal);

    /// <exception cref="FormatException">The expression is not one, or too big.</exception>
    public static TopicPattern Parse(string expression)
    {
        // What most expressions are needs no automaton.
        if (expression.EndsWith(AnyEnd, StringComparison.Ordinal) && expression[..^AnyEnd.Length] is var start && start.All(static each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_'))
            return new TopicPattern(start);
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
