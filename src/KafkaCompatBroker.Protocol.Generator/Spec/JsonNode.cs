namespace KafkaCompatBroker.Protocol.Generator.Spec;

internal enum JsonKind
{
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

/// <summary>One value of a spec file with the line it starts on (from 1), so that errors can point at it.</summary>
internal sealed class JsonNode(JsonKind kind, int line)
{
    public JsonKind Kind { get; } = kind;

    public int Line { get; } = line;

    /// <summary>Text without quotes, the digits of a number, or true/false.</summary>
    public string Text { get; set; } = "";

    public List<JsonNode> Items { get; } = [];

    public List<KeyValuePair<string, JsonNode>> Members { get; } = [];

    public JsonNode? Find(string name)
    {
        foreach (KeyValuePair<string, JsonNode> member in Members)
        {
            if (member.Key == name)
            {
                return member.Value;
            }
        }

        return null;
    }
}
