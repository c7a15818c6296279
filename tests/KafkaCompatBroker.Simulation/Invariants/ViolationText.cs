using System.Runtime.CompilerServices;
using System.Text;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>The words of a violation, put together only when there is one: a check costs nothing while it holds.</summary>
[InterpolatedStringHandler]
internal readonly struct ViolationText
{
    private readonly StringBuilder? _text;

    public ViolationText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = holds ? null : new StringBuilder(literalLength + (16 * formattedCount));
    }

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted<T>(T value) => _text!.Append(value);

    public override string ToString() => _text?.ToString() ?? "";
}
