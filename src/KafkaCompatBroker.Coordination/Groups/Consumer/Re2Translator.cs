using System.Globalization;
using System.Text;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// Reads a regular expression in RE2's syntax, which is narrower than that of .NET, and writes what it says as one of .NET, for whole topic names only:
/// greed, captures and other lines make no difference there.
/// </summary>
internal sealed class Re2Translator(string expression)
{
    private const int RepeatsMax = 1000, DepthMax = 200, Radix = 8, HexRadix = 16, CodePointMax = 0x10FFFF;

    private readonly StringBuilder _text = new();
    private int _at;
    private int _depth;
    private bool _ignoresCase;
    private bool _dotIsAny;

    private bool IsAtEnd => _at >= expression.Length;

    private char Next => expression[_at];

    /// <exception cref="FormatException">The expression is not one.</exception>
    public string Translate()
    {
        Alternatives();
        return IsAtEnd ? _text.ToString() : throw new FormatException("unexpected )");
    }

    private void Alternatives()
    {
        (bool ignoresCase, bool dotIsAny) = (_ignoresCase, _dotIsAny);
        if (++_depth > DepthMax) throw new FormatException("groups are nested too deeply");
        Sequence();
        while (!IsAtEnd && Next == '|')
        {
            _at++;
            _text.Append('|');
            Sequence();
        }

        _depth--;
        (_ignoresCase, _dotIsAny) = (ignoresCase, dotIsAny);
    }

    private void Sequence()
    {
        bool canRepeat = false;
        while (!IsAtEnd && Next is not ('|' or ')'))
        {
            int start = _text.Length;
            if (TryRepeat(canRepeat)) canRepeat = false;
            else if (TryLiteralText()) canRepeat = _text.Length > start;
            else canRepeat = Atom();
        }
    }

    /// <returns>False when it is nothing that can be repeated.</returns>
    private bool Atom()
    {
        char character = Next;
        switch (character)
        {
            case '(':
                return Group();
            case '[':
                Write(new Re2Class(this).Read());
                return true;
            case '.':
                _at++;
                _text.Append((_dotIsAny ? AsciiSet.Any : ~AsciiSet.Of("\n")).ToClass());
                return true;
            case '^':
                return Write(1, @"\A");
            case '$':
                return Write(1, @"\z");
            case '\\':
                return Escape();
            default:
                Write(AsciiSet.Range(character, character));
                _at++;
                return true;
        }
    }

    private bool TryRepeat(bool canRepeat)
    {
        (int Least, int Most)? repeat = Next switch
        {
            '*' => (0, -1),
            '+' => (1, -1),
            '?' => (0, 1),
            _ => null,
        };
        if (repeat is not null) _at++;
        else if (Next != '{' || (repeat = Counts()) is null) return false;
        if (!canRepeat) throw new FormatException("missing argument to repetition operator");
        (int least, int most) = repeat.Value;
        if (!IsAtEnd && Next == '?') _at++;
        _text.Append(CultureInfo.InvariantCulture, $"{{{least},").Append(most < 0 ? "" : most.ToString(CultureInfo.InvariantCulture)).Append('}');
        return true;
    }

    /// <summary>Reads {n}, {n,} or {n,m}; other braces stand for themselves.</summary>
    private (int Least, int Most)? Counts()
    {
        int end = expression.IndexOf('}', _at);
        if (end < 0) return null;
        string[] parts = expression[(_at + 1)..end].Split(',');
        if (parts.Length > 2 || parts[0].Length == 0 || !parts.All(static part => part.All(char.IsAsciiDigit))) return null;
        _at = end + 1;
        int least = Count(parts[0]);
        int most = parts.Length == 1 ? least : parts[1].Length == 0 ? -1 : Count(parts[1]);
        return most >= 0 && most < least ? throw new FormatException("invalid repeat count") : (least, most);
    }

    private static int Count(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= RepeatsMax ? count : throw new FormatException("invalid repeat count");

    private bool Group()
    {
        _at++;
        bool ignoresCase = _ignoresCase, dotIsAny = _dotIsAny;
        if (!IsAtEnd && Next == '?')
        {
            _at++;
            if (!GroupPrefix()) return false;
        }

        _text.Append("(?:");
        Alternatives();
        if (IsAtEnd) throw new FormatException("missing closing )");
        _at++;
        _text.Append(')');
        (_ignoresCase, _dotIsAny) = (ignoresCase, dotIsAny);
        return true;
    }

    /// <summary>Reads the name or flags after "(?".</summary>
    /// <returns>False when flags were all there was: they hold for the rest of the group around.</returns>
    private bool GroupPrefix()
    {
        string rest = expression[_at..];
        int skip = rest.StartsWith("P<", StringComparison.Ordinal) ? 2 : rest.StartsWith('<') && !rest.StartsWith("<=", StringComparison.Ordinal) && !rest.StartsWith("<!", StringComparison.Ordinal) ? 1 : 0;
        if (skip > 0)
        {
            int end = rest.IndexOf('>', StringComparison.Ordinal);
            string name = end < 0 ? "" : rest[skip..end];
            if (name.Length == 0 || !name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')) throw new FormatException("invalid named capture");
            _at += end + 1;
            return true;
        }

        bool value = true, hasFlag = false;
        for (; !IsAtEnd; _at++)
        {
            switch (Next)
            {
                case 'i':
                    (_ignoresCase, hasFlag) = (value, true);
                    break;
                case 's':
                    (_dotIsAny, hasFlag) = (value, true);
                    break;
                case 'm' or 'U':
                    hasFlag = true;
                    break;
                case '-' when value:
                    (value, hasFlag) = (false, false);
                    break;
                case ':' or ')' when value || hasFlag:
                    return expression[_at++] == ':';
                default:
                    throw new FormatException("invalid or unsupported Perl syntax");
            }
        }

        throw new FormatException("missing closing )");
    }

    private bool Escape()
    {
        if (_at + 1 >= expression.Length) throw new FormatException("trailing backslash");
        switch (expression[_at + 1])
        {
            case 'A':
                return Write(2, @"\A");
            case 'z':
                return Write(2, @"\z");
            case 'b':
                return Write(2, @"\b");
            case 'B':
                return Write(2, @"\B");
        }

        if (ClassEscape() is { } set)
        {
            _text.Append((_ignoresCase ? set.IgnoringCase() : set).ToClass());
            return true;
        }

        int character = CharacterEscape();
        Write(character < AsciiSet.Size ? AsciiSet.Range(character, character) : AsciiSet.Empty);
        return true;
    }

    /// <summary>Takes everything between \Q and \E, or the end, for itself.</summary>
    private bool TryLiteralText()
    {
        if (string.CompareOrdinal(expression, _at, @"\Q", 0, 2) != 0) return false;
        _at += 2;
        int end = expression.IndexOf(@"\E", _at, StringComparison.Ordinal);
        string literal = end < 0 ? expression[_at..] : expression[_at..end];
        _at = end < 0 ? expression.Length : end + 2;
        foreach (char character in literal) Write(AsciiSet.Range(character, character));
        return true;
    }

    /// <summary>Reads \d and its like, and \p{…}; null when there is another escape here.</summary>
    private AsciiSet? ClassEscape()
    {
        char letter = expression[_at + 1];
        if (AsciiSet.Perl(letter) is { } perl)
        {
            _at += 2;
            return perl;
        }

        if (letter is not ('p' or 'P')) return null;
        _at += 2;
        if (IsAtEnd) throw new FormatException("invalid character class range");
        int end = Next == '{' ? expression.IndexOf('}', _at) : _at;
        if (end < 0) throw new FormatException("invalid character class range");
        string name = Next == '{' ? expression[(_at + 1)..end] : expression[_at..(end + 1)];
        bool isNegative = letter == 'P';
        if (name.StartsWith('^')) (isNegative, name) = (!isNegative, name[1..]);
        _at = end + 1;
        AsciiSet set = AsciiSet.Unicode(name) ?? throw new FormatException("invalid character class range");
        return isNegative ? ~set : set;
    }

    private int CharacterEscape()
    {
        char letter = expression[_at + 1];
        _at += 2;
        switch (letter)
        {
            case 'a':
                return '\a';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'x':
                return Hexadecimal();
            case >= '0' and <= '7' when letter == '0' || (!IsAtEnd && Next is >= '0' and <= '7'):
                int value = letter - '0';
                for (int i = 0; i < 2 && !IsAtEnd && Next is >= '0' and <= '7'; i++, _at++) value = (value * Radix) + Next - '0';
                return value;
        }

        return letter < AsciiSet.Size && !char.IsAsciiLetterOrDigit(letter) ? letter : throw new FormatException("invalid escape sequence");
    }

    private int Hexadecimal()
    {
        bool isBraced = !IsAtEnd && Next == '{';
        int end = isBraced ? expression.IndexOf('}', _at) : _at + 2;
        if (end < 0 || end > expression.Length) throw new FormatException("invalid escape sequence");
        string digits = expression[(isBraced ? _at + 1 : _at)..end];
        if (digits.Length == 0 || digits.Length > Radix || !digits.All(char.IsAsciiHexDigit)) throw new FormatException("invalid escape sequence");
        _at = isBraced ? end + 1 : end;
        long value = Convert.ToInt64(digits, HexRadix);
        return value <= CodePointMax ? (int)value : throw new FormatException("invalid escape sequence");
    }

    private void Write(AsciiSet set) => _text.Append((_ignoresCase ? set.IgnoringCase() : set).ToClass());

    private bool Write(int length, string text)
    {
        _at += length;
        _text.Append(text);
        return true;
    }

    /// <summary>A class in brackets.</summary>
    private readonly struct Re2Class(Re2Translator owner)
    {
        public AsciiSet Read()
        {
            owner._at++;
            bool isNegative = !owner.IsAtEnd && owner.Next == '^';
            if (isNegative) owner._at++;
            AsciiSet set = AsciiSet.Empty;
            for (bool isFirst = true; ; isFirst = false)
            {
                if (owner.IsAtEnd) throw new FormatException("missing closing ]");
                if (owner.Next == ']' && !isFirst) break;
                set |= Item();
            }

            owner._at++;
            if (owner._ignoresCase) set = set.IgnoringCase();
            return isNegative ? ~set : set;
        }

        private AsciiSet Item()
        {
            if (owner.Next == '[' && owner._at + 1 < owner.Text.Length && owner.Text[owner._at + 1] == ':')
            {
                int end = owner.Text.IndexOf(":]", owner._at + 2, StringComparison.Ordinal);
                if (end >= 0) return Named(end);
            }

            if (owner.Next == '\\' && owner._at + 1 < owner.Text.Length && owner.ClassEscape() is { } escaped) return escaped;
            int first = Character();
            if (owner._at + 1 >= owner.Text.Length || owner.Next != '-' || owner.Text[owner._at + 1] == ']') return AsciiSet.Range(first, first);
            owner._at++;
            int last = Character();
            return last < first ? throw new FormatException("invalid character class range") : AsciiSet.Range(first, last);
        }

        private AsciiSet Named(int end)
        {
            string name = owner.Text[(owner._at + 2)..end];
            bool isNegative = name.StartsWith('^');
            AsciiSet set = AsciiSet.Posix(isNegative ? name[1..] : name) ?? throw new FormatException("invalid character class range");
            owner._at = end + 2;
            return isNegative ? ~set : set;
        }

        private int Character()
        {
            if (owner.IsAtEnd) throw new FormatException("missing closing ]");
            if (owner.Next != '\\') return owner.Text[owner._at++];
            return owner._at + 1 < owner.Text.Length ? owner.CharacterEscape() : throw new FormatException("trailing backslash");
        }
    }

    private string Text => expression;
}
