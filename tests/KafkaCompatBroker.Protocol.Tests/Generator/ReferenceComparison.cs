using System.Globalization;
using System.Text.Json;
using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Tests.Generator;

/// <summary>Compares one of our messages with the reference's spec of it, field by field. Names of structs are ours to choose.</summary>
internal sealed class ReferenceComparison(MessageSpec ours, JsonElement reference)
{
    private readonly Dictionary<string, JsonElement> _structs = [];
    private readonly List<string> _differences = [];

    public static List<string> Compare(MessageSpec ours, JsonElement reference)
    {
        var comparison = new ReferenceComparison(ours, reference);
        comparison.CompareMessage();
        return comparison._differences;
    }

    public static VersionRange Range(string text) =>
        VersionRange.TryParse(text, out VersionRange range) ? range : throw new FormatException($"\"{text}\" is not a version range");

    private void CompareMessage()
    {
        VersionRange versions = Range(Text(reference, "validVersions", "none"));
        Check("", "versions", versions, ours.Versions);
        Check("", "flexible", Range(Text(reference, "flexibleVersions", "none")).Intersect(versions), ours.Flexible);
        if (reference.TryGetProperty("commonStructs", out JsonElement structs))
        {
            foreach (JsonElement item in structs.EnumerateArray())
            {
                _structs[item.GetProperty("name").GetString()!] = item;
            }
        }

        CompareFields("", ours.Body, reference.GetProperty("fields"));
    }

    private void CompareFields(string path, StructSpec owner, JsonElement fields)
    {
        var expected = fields.EnumerateArray()
            .Where(field => !FieldVersions(field).Intersect(owner.Versions).IsEmpty)
            .ToList();
        Check(path, "fields", Join(expected.Select(Name)), Join(owner.Fields.Select(field => field.Name)));
        foreach ((JsonElement field, FieldSpec own) in expected.Zip(owner.Fields))
        {
            CompareField($"{path}.{own.Name}", field, own, owner.Versions);
        }
    }

    private void CompareField(string path, JsonElement field, FieldSpec own, VersionRange enclosing)
    {
        string type = field.GetProperty("type").GetString()!;
        bool isArray = type.StartsWith("[]", StringComparison.Ordinal);
        string element = isArray ? type[2..] : type;
        VersionRange versions = FieldVersions(field).Intersect(enclosing);
        VersionRange nullable = Range(Text(field, "nullableVersions", "none")).Intersect(versions);
        Check(path, "array", isArray, own.IsArray);
        Check(path, "type", ExpectedType(element, own), own.Type);
        Check(path, "versions", versions, own.Versions);
        Check(path, "nullable", nullable, own.Nullable);
        Check(path, "tag", field.TryGetProperty("tag", out JsonElement tag) ? tag.GetInt32() : -1, own.Tag);
        Check(path, "ignorable", field.TryGetProperty("ignorable", out JsonElement ignorable) && ignorable.GetBoolean(), own.Ignorable);
        Check(path, "never flexible", field.TryGetProperty("flexibleVersions", out _), own.NeverFlexible);
        Check(path, "default", ExpectedDefault(field, element), own.Default);
        if (own.IsTagged)
        {
            Check(path, "tagged versions", Range(Text(field, "taggedVersions", "none")).Intersect(versions), own.Versions);
        }

        if (!own.IsStruct)
        {
            return;
        }

        StructSpec target = ours.FindStruct(own.StructName)!;
        if (field.TryGetProperty("fields", out JsonElement fields))
        {
            CompareFields(path, target, fields);
        }
        else if (_structs.TryGetValue(element, out JsonElement shared))
        {
            Check(path, "struct versions", Range(Text(shared, "versions", "none")).Intersect(ours.Versions), target.Versions);
            CompareFields(path, target, shared.GetProperty("fields"));
        }
    }

    private static WireType ExpectedType(string element, FieldSpec own) => element switch
    {
        "bool" => WireType.Bool,
        "int8" => WireType.Int8,
        "int16" => own.Name.EndsWith("ErrorCode", StringComparison.Ordinal) ? WireType.Error : WireType.Int16,
        "uint16" => WireType.UInt16,
        "uint32" => WireType.UInt32,
        "int32" => WireType.Int32,
        "int64" => WireType.Int64,
        "float64" => WireType.Float64,
        "uuid" => WireType.Uuid,
        "string" => WireType.Text,
        "bytes" => WireType.Bytes,
        "records" => WireType.Records,
        _ => WireType.Struct,
    };

    // In the reference the text "null" asks for null, while a bare null is as if no default were given.
    private static string ExpectedDefault(JsonElement field, string element)
    {
        if (!field.TryGetProperty("default", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return "";
        }

        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (text == "null")
        {
            return element == "records" ? "" : "null";
        }

        return element switch
        {
            "bool" => text.Equals("true", StringComparison.OrdinalIgnoreCase) ? "true" : "",
            "string" => text.Length == 0 ? "" : SpecDefaults.Quote(text),
            _ => Number(text),
        };
    }

    private static string Number(string text)
    {
        long number = text.StartsWith("0x", StringComparison.Ordinal)
            ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : long.Parse(text, CultureInfo.InvariantCulture);
        return number == 0 ? "" : number.ToString(CultureInfo.InvariantCulture);
    }

    private static VersionRange FieldVersions(JsonElement field) => Range(Text(field, "versions", Text(field, "taggedVersions", "none")));

    private static string Name(JsonElement field)
    {
        string name = field.GetProperty("name").GetString()!;
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    private static string Text(JsonElement element, string name, string otherwise) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetString()! : otherwise;

    private static string Join(IEnumerable<string> names) => string.Join(", ", names);

    private void Check<T>(string path, string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            _differences.Add($"{ours.Name}{path}: {what} is {actual}, the reference has {expected}");
        }
    }
}
