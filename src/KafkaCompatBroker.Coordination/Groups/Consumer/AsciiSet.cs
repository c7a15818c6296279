using System.Globalization;
using System.Text;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// A set of ASCII characters. Topic names have no others, so a class of a regular expression is no more than this.
/// </summary>
internal readonly record struct AsciiSet(UInt128 Bits)
{
    public const int Size = 128;

    private static readonly AsciiSet Digits = Range('0', '9');
    private static readonly AsciiSet Lower = Range('a', 'z');
    private static readonly AsciiSet Upper = Range('A', 'Z');
    private static readonly AsciiSet Spaces = Of("\t\n\f\r ");

    public static AsciiSet Empty => default;

    public static AsciiSet Any => new(UInt128.MaxValue);

    public bool IsEmpty => Bits == 0;

    /// <summary>The class of a letter after a backslash: d, s, w or one of them in upper case; null for another letter.</summary>
    public static AsciiSet? Perl(char letter)
    {
        AsciiSet? set = char.ToLowerInvariant(letter) switch
        {
            'd' => Digits,
            's' => Spaces,
            'w' => Digits | Lower | Upper | Of("_"),
            _ => null,
        };
        return set is { } known && char.IsUpper(letter) ? ~known : set;
    }

    /// <summary>A class such as alpha, as it stands between [: and :].</summary>
    public static AsciiSet? Posix(string name) => name switch
    {
        "alnum" => Digits | Lower | Upper,
        "alpha" => Lower | Upper,
        "ascii" => Any,
        "blank" => Of("\t "),
        "cntrl" => Range('\0', '\u001f') | Of("\u007f"),
        "digit" => Digits,
        "graph" => Range('!', '~'),
        "lower" => Lower,
        "print" => Range(' ', '~'),
        "punct" => Range('!', '~') & ~(Digits | Lower | Upper),
        "space" => Spaces | Of("\v"),
        "upper" => Upper,
        "word" => Digits | Lower | Upper | Of("_"),
        "xdigit" => Digits | Range('a', 'f') | Range('A', 'F'),
        _ => null,
    };

    /// <summary>The ASCII part of a Unicode category or script; null for a name that is neither.</summary>
    public static AsciiSet? Unicode(string name)
    {
        switch (name)
        {
            case "Any":
                return Any;
            case "Latin":
                return Lower | Upper;
            case "Common":
                return ~(Lower | Upper);
        }

        // Other scripts have no ASCII characters.
        if (name.Length > 2 && char.IsAsciiLetterUpper(name[0]) && name.All(static letter => char.IsAsciiLetter(letter) || letter == '_')) return Empty;
        if (name.Length is 0 or > 2 || !"CLMNPSZ".Contains(name[0])) return null;
        AsciiSet set = Empty;
        for (int i = 0; i < Size; i++)
            if (Short(CharUnicodeInfo.GetUnicodeCategory((char)i)).StartsWith(name, StringComparison.Ordinal)) set |= new AsciiSet(UInt128.One << i);
        return set;
    }

    public static AsciiSet Range(int first, int last)
    {
        AsciiSet set = Empty;
        for (int i = first; i <= int.Min(last, Size - 1); i++) set |= new AsciiSet(UInt128.One << i);
        return set;
    }

    public static AsciiSet Of(string characters) => characters.Aggregate(Empty, static (set, character) => set | Range(character, character));

    /// <summary>The set with the other case of each letter.</summary>
    public AsciiSet IgnoringCase()
    {
        AsciiSet both = this;
        for (int i = 0; i < 26; i++)
        {
            AsciiSet pair = Range('a' + i, 'a' + i) | Range('A' + i, 'A' + i);
            if (!(this & pair).IsEmpty) both |= pair;
        }

        return both;
    }

    public static AsciiSet operator |(AsciiSet left, AsciiSet right) => new(left.Bits | right.Bits);

    public static AsciiSet operator &(AsciiSet left, AsciiSet right) => new(left.Bits & right.Bits);

    public static AsciiSet operator ~(AsciiSet set) => new(~set.Bits);

    /// <summary>The set as a class of a .NET regular expression.</summary>
    public string ToClass()
    {
        if (IsEmpty) return @"[^\s\S]";
        StringBuilder text = new("[");
        for (int first = 0; first < Size; first++)
        {
            if (!Has(first)) continue;
            int last = first;
            while (last + 1 < Size && Has(last + 1)) last++;
            text.Append(CultureInfo.InvariantCulture, $@"\x{first:x2}");
            if (last > first) text.Append(CultureInfo.InvariantCulture, $@"-\x{last:x2}");
            first = last;
        }

        return text.Append(']').ToString();
    }

    private bool Has(int character) => (Bits >> character & 1) != 0;

    private static string Short(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        _ => "So",
    };
}
