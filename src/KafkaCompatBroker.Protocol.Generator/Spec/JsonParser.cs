using System.Text;

namespace KafkaCompatBroker.Protocol.Generator.Spec;

/// <summary>Malformed spec file, with the line (from 1) where it was noticed.</summary>
internal sealed class SpecException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}

/// <summary>
/// The JSON that spec files use: no exponents, no escapes but \" \\ \n \t. Written here because an analyzer that brings a package along
/// must ship it to every build.
/// </summary>
internal sealed class JsonParser(string source)
{
    private int _position;
    private int _line = 1;

    public static JsonNode Parse(string source)
    {
        var parser = new JsonParser(source);
        JsonNode root = parser.ReadValue();
        parser.SkipBlanks();
        return parser._position == source.Length ? root : throw parser.Error("text after the end of the document");
    }

    private JsonNode ReadValue()
    {
        switch (Peek())
        {
            case '{':
                return ReadObject();
            case '[':
                return ReadList();
            case '"':
                int line = _line;
                return new JsonNode(JsonKind.Text, line) { Text = ReadText() };
            default:
                return ReadWord();
        }
    }

    private JsonNode ReadObject()
    {
        var node = new JsonNode(JsonKind.Object, _line);
        _position++;
        while (Peek() != '}')
        {
            if (node.Members.Count > 0)
            {
                Expect(',');
            }

            if (Peek() != '"')
            {
                throw Error("a member name in quotes is expected");
            }

            string name = ReadText();
            if (node.Find(name) is not null)
            {
                throw Error($"member \"{name}\" occurs twice");
            }

            Expect(':');
            node.Members.Add(new KeyValuePair<string, JsonNode>(name, ReadValue()));
        }

        _position++;
        return node;
    }

    private JsonNode ReadList()
    {
        var node = new JsonNode(JsonKind.List, _line);
        _position++;
        while (Peek() != ']')
        {
            if (node.Items.Count > 0)
            {
                Expect(',');
            }

            node.Items.Add(ReadValue());
        }

        _position++;
        return node;
    }

    private string ReadText()
    {
        var text = new StringBuilder();
        for (_position++; _position < source.Length && source[_position] != '\n'; _position++)
        {
            char c = source[_position];
            if (c == '"')
            {
                _position++;
                return text.ToString();
            }

            if (c == '\\')
            {
                _position++;
                c = _position < source.Length ? source[_position] : '\0';
                c = c switch { '"' => '"', '\\' => '\\', 'n' => '\n', 't' => '\t', _ => throw Error("unknown escape in text") };
            }

            text.Append(c);
        }

        throw Error("text without closing quote");
    }

    private JsonNode ReadWord()
    {
        int start = _position;
        while (_position < source.Length && (char.IsLetterOrDigit(source[_position]) || source[_position] is '-' or '.'))
        {
            _position++;
        }

        string word = source.Substring(start, _position - start);
        JsonKind kind = word switch
        {
            "null" => JsonKind.Null,
            "true" or "false" => JsonKind.Boolean,
            { Length: > 0 } when word[0] == '-' || char.IsDigit(word[0]) => JsonKind.Number,
            _ => throw Error($"a value is expected, found \"{(word.Length > 0 ? word : source.Substring(start, 1))}\""),
        };
        return new JsonNode(kind, _line) { Text = word };
    }

    private void Expect(char expected)
    {
        if (Peek() != expected)
        {
            throw Error($"'{expected}' is expected, found '{Peek()}'");
        }

        _position++;
    }

    private char Peek()
    {
        SkipBlanks();
        return _position < source.Length ? source[_position] : throw Error("the document ends too early");
    }

    private void SkipBlanks()
    {
        for (; _position < source.Length && char.IsWhiteSpace(source[_position]); _position++)
        {
            if (source[_position] == '\n')
            {
                _line++;
            }
        }
    }

    private SpecException Error(string message) => new(_line, message);
}
