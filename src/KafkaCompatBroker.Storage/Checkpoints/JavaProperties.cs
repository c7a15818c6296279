using System.Globalization;
using System.Text;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>The part of Java's .properties format that meta.properties uses.</summary>
internal static class JavaProperties
{
    public static Dictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] is '#' or '!')
            {
                continue;
            }

            int separator = trimmed.IndexOfAny(['=', ':']);
            if (separator > 0)
            {
                values[Unescape(trimmed[..separator].TrimEnd())] = Unescape(trimmed[(separator + 1)..].TrimStart());
            }
        }

        return values;
    }

    public static string Format(IEnumerable<KeyValuePair<string, string>> values, DateTimeOffset writtenAt)
    {
        var text = new StringBuilder();
        text.Append("#\n").Append(CultureInfo.InvariantCulture, $"#{writtenAt.ToUniversalTime():ddd MMM dd HH:mm:ss 'UTC' yyyy}\n");
        foreach ((string key, string value) in values)
        {
            text.Append(key).Append('=').Append(value).Append('\n');
        }

        return text.ToString();
    }

    private static string Unescape(string text) => text.Contains('\\') ? text.Replace("\\", "", StringComparison.Ordinal) : text;
}
