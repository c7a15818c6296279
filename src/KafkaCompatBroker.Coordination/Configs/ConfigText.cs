using System.Globalization;

namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Configuration values as text: parsing into the CLR type of a <see cref="ConfigType"/> and printing as Java does.</summary>
public static class ConfigText
{
    private const NumberStyles Integer = NumberStyles.AllowLeadingSign;
    private const NumberStyles Floating = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Parses the trimmed text. Values are bool, int, short, long, double, string or string[].</summary>
    /// <returns>Null when parsed, else the reason.</returns>
    public static string? TryParse(ConfigType type, string text, out object? value)
    {
        string trimmed = text.Trim();
        value = null;
        switch (type)
        {
            case ConfigType.Boolean:
                if (trimmed.Equals("true", StringComparison.OrdinalIgnoreCase)) value = true;
                else if (trimmed.Equals("false", StringComparison.OrdinalIgnoreCase)) value = false;
                else return "Expected value to be either true or false";
                return null;
            case ConfigType.Int:
                if (!int.TryParse(trimmed, Integer, CultureInfo.InvariantCulture, out int asInt)) return "Not a number of type INT";
                value = asInt;
                return null;
            case ConfigType.Short:
                if (!short.TryParse(trimmed, Integer, CultureInfo.InvariantCulture, out short asShort)) return "Not a number of type SHORT";
                value = asShort;
                return null;
            case ConfigType.Long:
                if (!long.TryParse(trimmed, Integer, CultureInfo.InvariantCulture, out long asLong)) return "Not a number of type LONG";
                value = asLong;
                return null;
            case ConfigType.Double:
                if (!double.TryParse(trimmed, Floating, CultureInfo.InvariantCulture, out double asDouble)) return "Not a number of type DOUBLE";
                value = asDouble;
                return null;
            case ConfigType.List:
                value = SplitList(trimmed);
                return null;
            default:
                value = trimmed;
                return null;
        }
    }

    /// <summary>Splits at commas; blanks after a comma do not count; the empty text is the empty list.</summary>
    public static string[] SplitList(string text)
    {
        string trimmed = text.Trim();
        return trimmed.Length == 0 ? [] : [.. trimmed.Split(',').Select(static part => part.TrimStart())];
    }

    /// <summary>The text that DescribeConfigs shows for a parsed value.</summary>
    public static string? Print(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        string[] list => string.Join(',', list),
        double number => PrintDouble(number),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    // Java's Double.toString: plain between 1e-3 and 1e7, else d.dddEn; always one digit after the point.
    private static string PrintDouble(double number)
    {
        if (double.IsNaN(number)) return "NaN";
        if (double.IsInfinity(number)) return number > 0 ? "Infinity" : "-Infinity";
        double size = Math.Abs(number);
        if (size == 0 || (size >= 1e-3 && size < 1e7))
        {
            string plain = ((decimal)number).ToString(CultureInfo.InvariantCulture);
            return plain.Contains('.') ? plain : plain + ".0";
        }

        string digits = number.ToString("R", CultureInfo.InvariantCulture);
        string scientific = digits.Contains('E') ? digits : number.ToString("0.################E0", CultureInfo.InvariantCulture);
        int at = scientific.IndexOf('E');
        string mantissa = scientific[..at];
        string exponent = scientific[(at + 1)..].Replace("+", "");
        return (mantissa.Contains('.') ? mantissa : mantissa + ".0") + "E" + int.Parse(exponent, CultureInfo.InvariantCulture);
    }
}
