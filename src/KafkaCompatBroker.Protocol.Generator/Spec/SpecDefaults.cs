using System.Globalization;

namespace KafkaCompatBroker.Protocol.Generator.Spec;

/// <summary>Turns the default of a field into a C# literal. Empty means the default of the type: 0, false, "" or an empty array.</summary>
internal static class SpecDefaults
{
    public static string ToLiteral(JsonNode? node, WireType type, bool isArray)
    {
        if (node is null)
        {
            return "";
        }

        bool matches = node.Kind switch
        {
            JsonKind.Null => isArray || type is WireType.Text or WireType.Bytes or WireType.Records or WireType.Struct,
            JsonKind.Boolean => !isArray && type == WireType.Bool,
            JsonKind.Text => !isArray && type == WireType.Text,
            JsonKind.Number => !isArray && Fits(node.Text, type),
            _ => false,
        };
        if (!matches)
        {
            throw new SpecException(node.Line, $"the default \"{node.Text}\" does not fit the type of the field");
        }

        return node.Kind == JsonKind.Text ? Quote(node.Text) : node.Kind == JsonKind.Null ? "null" : node.Text;
    }

    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t") + "\"";

    private static bool Fits(string text, WireType type)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            return false;
        }

        return type switch
        {
            WireType.Int8 => number is >= sbyte.MinValue and <= sbyte.MaxValue,
            WireType.Int16 => number is >= short.MinValue and <= short.MaxValue,
            WireType.UInt16 => number is >= 0 and <= ushort.MaxValue,
            WireType.Int32 => number is >= int.MinValue and <= int.MaxValue,
            WireType.UInt32 => number is >= 0 and <= uint.MaxValue,
            WireType.Int64 or WireType.Float64 => true,
            _ => false,
        };
    }
}
