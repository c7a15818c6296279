namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>One change of the core's sources that makes it wrong.</summary>
/// <param name="Name">What it does wrong.</param>
/// <param name="File">The source file, from the project's folder.</param>
/// <param name="Original">A text that stands in it exactly once.</param>
/// <param name="Replacement">What stands there instead.</param>
/// <param name="SecondOriginal">Another text, where one change is not enough because two checks guard the same.</param>
/// <param name="SecondReplacement">What stands there instead.</param>
public sealed record Mutant(string Name, string File, string Original, string Replacement, string SecondOriginal = "", string SecondReplacement = "")
{
    /// <summary>The changed text.</summary>
    public string Apply(string text)
    {
        text = Replace(text, Original, Replacement);
        return SecondOriginal.Length == 0 ? text : Replace(text, SecondOriginal, SecondReplacement);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private string Replace(string text, string original, string replacement)
    {
        var first = text.IndexOf(original, StringComparison.Ordinal);
        Assert.True(first >= 0 && text.IndexOf(original, first + 1, StringComparison.Ordinal) < 0, $"{File} does not hold once: {original}");
        return text.Replace(original, replacement, StringComparison.Ordinal);
    }
}
