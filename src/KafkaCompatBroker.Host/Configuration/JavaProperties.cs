using System.Globalization;
using System.Text;

namespace KafkaCompatBroker.Host.Configuration;

/// <summary>Reads the syntax of java.util.Properties: comments, continuations, escapes and the three separators. A later key wins.</summary>
internal static class JavaProperties
{
    /// <summary>Files are Latin-1, as Java reads them; anything else is written with \uXXXX.</summary>
    public static Dictionary<string, string> ReadFile(string path) => Parse(File.ReadAllText(path, Encoding.Latin1));

    /// <exception cref="FormatException">A \u escape without four hexadecimal digits.</exception>
    public static Dictionary<string, string> Parse(string text)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        var position = 0;
        while (NextLogicalLine(text, ref position) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            var (keyEnd, valueStart) = Split(line);
            properties[Unescape(line.AsSpan(0, keyEnd))] = Unescape(line.AsSpan(valueStart));
        }

        return properties;
    }

    /// <summary>Joins continued lines; a comment or a blank line comes back empty, the end of the text as null.</summary>
    private static string? NextLogicalLine(string text, ref int position)
    {
        if (position >= text.Length)
        {
            return null;
        }

        var logical = new StringBuilder();
        do
        {
            var natural = NextNaturalLine(text, ref position).TrimStart([' ', '\t', '\f']);
            // A comment ends with its line, and a line that continues another is never a comment.
            if (logical.Length == 0 && (natural.IsEmpty || natural[0] is '#' or '!'))
            {
                return "";
            }

            if (!EndsWithContinuation(natural))
            {
                return logical.Append(natural).ToString();
            }

            logical.Append(natural[..^1]);
        }
        while (position < text.Length);
        return logical.ToString();
    }

    private static ReadOnlySpan<char> NextNaturalLine(string text, ref int position)
    {
        var rest = text.AsSpan(position);
        var end = rest.IndexOfAny('\r', '\n');
        if (end < 0)
        {
            position = text.Length;
            return rest;
        }

        var terminator = rest[end] == '\r' && end + 1 < rest.Length && rest[end + 1] == '\n' ? 2 : 1;
        position += end + terminator;
        return rest[..end];
    }

    private static bool EndsWithContinuation(ReadOnlySpan<char> line)
    {
        var backslashes = line.Length - line.TrimEnd('\\').Length;
        return backslashes % 2 == 1;
    }

    private static (int KeyEnd, int ValueStart) Split(string line)
    {
        var keyEnd = 0;
        while (keyEnd < line.Length && line[keyEnd] is not ('=' or ':' or ' ' or '\t' or '\f'))
        {
            keyEnd += line[keyEnd] == '\\' ? 2 : 1;
        }

        keyEnd = Math.Min(keyEnd, line.Length);
        var valueStart = SkipBlanks(line, keyEnd);
        if (valueStart < line.Length && line[valueStart] is '=' or ':')
        {
            valueStart = SkipBlanks(line, valueStart + 1);
        }

        return (keyEnd, valueStart);
    }

    private static int SkipBlanks(string line, int position)
    {
        while (position < line.Length && line[position] is ' ' or '\t' or '\f')
        {
            position++;
        }

        return position;
    }

    private static string Unescape(ReadOnlySpan<char> escaped)
    {
        if (!escaped.Contains('\\'))
        {
            return escaped.ToString();
        }

        var plain = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                plain.Append(escaped[i]);
            }
            else if (++i < escaped.Length)
            {
                plain.Append(escaped[i] == 'u' ? UnicodeEscape(escaped, ref i) : NamedEscape(escaped[i]));
            }
        }

        return plain.ToString();
    }

    private static char NamedEscape(char name) => name switch
    {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\f',
        _ => name,
    };

    private static char UnicodeEscape(ReadOnlySpan<char> escaped, ref int position)
    {
        var digits = escaped[(position + 1)..];
        if (digits.Length < 4 || !ushort.TryParse(digits[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw new FormatException($"\\u must be followed by four hexadecimal digits: {escaped}");
        }

        position += 4;
        return (char)code;
    }
}
