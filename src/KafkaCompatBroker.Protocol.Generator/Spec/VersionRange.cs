using System.Globalization;

namespace KafkaCompatBroker.Protocol.Generator.Spec;

/// <summary>Inclusive range of versions; <see cref="Highest"/> is <see cref="Open"/> for "3+". None is an empty range.</summary>
internal readonly record struct VersionRange(int Lowest, int Highest)
{
    public const int Open = short.MaxValue;

    public static VersionRange None => new(0, -1);

    public bool IsEmpty => Lowest > Highest;

    public bool Covers(VersionRange other) => other.IsEmpty || (Lowest <= other.Lowest && Highest >= other.Highest);

    public VersionRange Intersect(VersionRange other)
    {
        var both = new VersionRange(Math.Max(Lowest, other.Lowest), Math.Min(Highest, other.Highest));
        return both.IsEmpty ? None : both;
    }

    /// <summary>Reads "none", "3", "3-5" or "3+".</summary>
    public static bool TryParse(string text, out VersionRange range)
    {
        range = None;
        if (text == "none")
        {
            return true;
        }

        if (text.EndsWith("+", StringComparison.Ordinal))
        {
            bool open = TryNumber(text.Substring(0, text.Length - 1), out int from);
            range = new VersionRange(from, Open);
            return open;
        }

        int dash = text.IndexOf('-');
        string low = dash < 0 ? text : text.Substring(0, dash);
        string high = dash < 0 ? text : text.Substring(dash + 1);
        if (!TryNumber(low, out int lowest) || !TryNumber(high, out int highest) || highest < lowest)
        {
            return false;
        }

        range = new VersionRange(lowest, highest);
        return true;
    }

    public override string ToString() =>
        IsEmpty ? "none" : Highest == Open ? $"{Lowest}+" : Lowest == Highest ? $"{Lowest}" : $"{Lowest}-{Highest}";

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Open;
}
