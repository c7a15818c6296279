using System.Globalization;

namespace KafkaCompatBroker.Protocol.Generator.Spec;

/// <summary>Turns the text of one spec file into a <see cref="SpecFile"/>. The grammar is in protocol-specs/README.md.</summary>
internal static class SpecParser
{
    public static SpecFile Parse(string path, string text)
    {
        try
        {
            JsonNode root = JsonParser.Parse(text);
            return root.Kind == JsonKind.Object
                ? ParseRoot(path, root)
                : throw new SpecException(root.Line, "a spec file holds one object");
        }
        catch (SpecException error)
        {
            var diagnostic = new SpecDiagnostic(path, error.Line, error.Message);
            return new SpecFile(path, default, null, null, default, new EquatableArray<SpecDiagnostic>([diagnostic]));
        }
    }

    private static SpecFile ParseRoot(string path, JsonNode root) => Text(root, "kind") switch
    {
        "rpc" => ParseRpc(path, root),
        "metadata" => ParseMetadataRecord(path, root),
        "coordinator" => ParseCoordinatorRecord(path, root),
        "data" => ParseSingle(path, root, MessageRole.Data),
        "header" => ParseSingle(path, root, MessageRole.Header),
        "errors" => ParseErrors(path, root),
        string kind => throw new SpecException(root.Line, $"unknown kind \"{kind}\""),
    };

    private static SpecFile ParseRpc(string path, JsonNode root)
    {
        Allow(root, "kind", "name", "key", "versions", "unstable", "flexible", "listeners", "request", "response");
        string name = Text(root, "name");
        int key = Number(root, "key");
        VersionRange versions = Range(root, "versions");
        if (versions.IsEmpty)
        {
            var removed = new ApiSpec(name, key, versions, VersionRange.None, VersionRange.None, "");
            return new SpecFile(path, default, removed, null, default, default);
        }

        VersionRange flexible = Range(root, "flexible").Intersect(versions);
        VersionRange unstable = root.Find("unstable") is null ? VersionRange.None : Range(root, "unstable").Intersect(versions);
        MessageSpec[] messages =
        [
            ParseMessage(Member(root, "request"), name + "Request", MessageRole.Request, key, versions, flexible),
            ParseMessage(Member(root, "response"), name + "Response", MessageRole.Response, key, versions, flexible),
        ];
        Allow(Member(root, "request"), "fields", "structs");
        Allow(Member(root, "response"), "fields", "structs");
        var listeners = new List<string>();
        foreach (JsonNode item in Member(root, "listeners").Items)
        {
            listeners.Add(item.Text is "broker" or "controller"
                ? item.Text
                : throw new SpecException(item.Line, $"unknown listener \"{item.Text}\""));
        }

        var api = new ApiSpec(name, key, versions, unstable, flexible, string.Join(",", listeners));
        return Checked(path, messages, api, null);
    }

    private static SpecFile ParseMetadataRecord(string path, JsonNode root)
    {
        Allow(root, "kind", "name", "key", "versions", "flexible", "fields", "structs");
        int key = Number(root, "key");
        MessageSpec message = ParseMessage(root, Text(root, "name"), MessageRole.MetadataRecord, key);
        return Checked(path, [message], null, new RecordSpec("metadata", message.Name, key, message.Versions));
    }

    private static SpecFile ParseCoordinatorRecord(string path, JsonNode root)
    {
        Allow(root, "kind", "name", "log", "key", "recordKey", "recordValue");
        int key = Number(root, "key");
        string name = Text(root, "name");
        string log = Text(root, "log");
        if (log is not ("group" or "share" or "transaction"))
        {
            throw new SpecException(Member(root, "log").Line, $"unknown log \"{log}\"");
        }

        MessageSpec[] messages =
        [
            ParseMessage(Member(root, "recordKey"), name + "Key", MessageRole.CoordinatorKey, key),
            ParseMessage(Member(root, "recordValue"), name + "Value", MessageRole.CoordinatorValue, key),
        ];
        Allow(Member(root, "recordKey"), "versions", "flexible", "fields", "structs");
        Allow(Member(root, "recordValue"), "versions", "flexible", "fields", "structs");
        return Checked(path, messages, null, new RecordSpec(log, name, key, messages[1].Versions));
    }

    private static SpecFile ParseSingle(string path, JsonNode root, MessageRole role)
    {
        Allow(root, "kind", "name", "versions", "flexible", "fields", "structs");
        return Checked(path, [ParseMessage(root, Text(root, "name"), role, -1)], null, null);
    }

    private static SpecFile ParseErrors(string path, JsonNode root)
    {
        Allow(root, "kind", "errors");
        var errors = new List<ErrorSpec>();
        foreach (JsonNode node in Member(root, "errors").Items)
        {
            Allow(node, "code", "name", "retriable", "message");
            bool retriable = node.Find("retriable") is { Text: "true" };
            errors.Add(new ErrorSpec(Text(node, "name"), Number(node, "code"), retriable, Text(node, "message")));
        }

        return new SpecFile(path, default, null, null, new EquatableArray<ErrorSpec>([.. errors]), default);
    }

    private static SpecFile Checked(string path, MessageSpec[] messages, ApiSpec? api, RecordSpec? record)
    {
        var problems = new List<SpecDiagnostic>();
        foreach (MessageSpec message in messages)
        {
            SpecValidator.Validate(path, message, problems);
        }

        return new SpecFile(
            path,
            problems.Count == 0 ? new EquatableArray<MessageSpec>(messages) : default,
            api,
            record,
            default,
            new EquatableArray<SpecDiagnostic>([.. problems]));
    }

    private static MessageSpec ParseMessage(JsonNode node, string name, MessageRole role, int key)
    {
        VersionRange versions = Range(node, "versions");
        return ParseMessage(node, name, role, key, versions, Range(node, "flexible").Intersect(versions));
    }

    private static MessageSpec ParseMessage(
        JsonNode node, string name, MessageRole role, int key, VersionRange versions, VersionRange flexible)
    {
        var structs = new List<StructSpec>();
        var body = new StructSpec(name, versions, ParseFields(node, versions, structs), node.Line);
        foreach (JsonNode item in node.Find("structs")?.Items ?? [])
        {
            Allow(item, "name", "versions", "fields");
            VersionRange range = item.Find("versions") is null ? versions : Range(item, "versions").Intersect(versions);
            structs.Add(new StructSpec(Text(item, "name"), range, ParseFields(item, range, structs), item.Line));
        }

        return new MessageSpec(name, role, key, versions, flexible, body, new EquatableArray<StructSpec>([.. structs]));
    }

    private static EquatableArray<FieldSpec> ParseFields(JsonNode owner, VersionRange enclosing, List<StructSpec> structs)
    {
        var fields = new List<FieldSpec>();
        foreach (JsonNode node in Member(owner, "fields").Items)
        {
            fields.Add(ParseField(node, enclosing, structs));
        }

        return new EquatableArray<FieldSpec>([.. fields]);
    }

    private static FieldSpec ParseField(JsonNode node, VersionRange enclosing, List<StructSpec> structs)
    {
        Allow(node, "name", "type", "versions", "nullable", "tag", "default", "ignorable", "flexible", "fields");
        string typeText = Text(node, "type");
        bool isArray = typeText.EndsWith("[]", StringComparison.Ordinal);
        string element = isArray ? typeText.Substring(0, typeText.Length - 2) : typeText;
        WireType type = ParseType(element);
        VersionRange versions = node.Find("versions") is null ? enclosing : Range(node, "versions").Intersect(enclosing);
        VersionRange nullable = node.Find("nullable") switch
        {
            null => VersionRange.None,
            { Kind: JsonKind.Boolean, Text: "true" } => versions,
            _ => Range(node, "nullable").Intersect(versions),
        };
        if (node.Find("flexible") is { Text: not "none" })
        {
            throw new SpecException(node.Line, "\"flexible\" of a field can only be \"none\"");
        }

        if (node.Find("fields") is not null)
        {
            if (type != WireType.Struct)
            {
                throw new SpecException(node.Line, $"\"{typeText}\" cannot have fields");
            }

            structs.Add(new StructSpec(element, versions, ParseFields(node, versions, structs), node.Line));
        }

        return new FieldSpec(
            Text(node, "name"),
            type,
            type == WireType.Struct ? element : "",
            isArray,
            versions,
            nullable,
            node.Find("tag") is null ? -1 : Number(node, "tag"),
            SpecDefaults.ToLiteral(node.Find("default"), type, isArray),
            node.Find("ignorable") is { Text: "true" },
            node.Find("flexible") is not null,
            node.Line);
    }

    private static WireType ParseType(string text) => text switch
    {
        "bool" => WireType.Bool,
        "int8" => WireType.Int8,
        "int16" => WireType.Int16,
        "uint16" => WireType.UInt16,
        "int32" => WireType.Int32,
        "uint32" => WireType.UInt32,
        "int64" => WireType.Int64,
        "float64" => WireType.Float64,
        "error" => WireType.Error,
        "uuid" => WireType.Uuid,
        "string" => WireType.Text,
        "bytes" => WireType.Bytes,
        "records" => WireType.Records,
        _ => WireType.Struct,
    };

    private static void Allow(JsonNode node, params string[] names)
    {
        foreach (KeyValuePair<string, JsonNode> member in node.Members)
        {
            if (Array.IndexOf(names, member.Key) < 0)
            {
                throw new SpecException(member.Value.Line, $"unknown member \"{member.Key}\"");
            }
        }
    }

    private static JsonNode Member(JsonNode node, string name) =>
        node.Find(name) ?? throw new SpecException(node.Line, $"\"{name}\" is missing");

    private static string Text(JsonNode node, string name)
    {
        JsonNode member = Member(node, name);
        return member.Kind == JsonKind.Text ? member.Text : throw new SpecException(member.Line, $"\"{name}\" must be text");
    }

    private static int Number(JsonNode node, string name)
    {
        JsonNode member = Member(node, name);
        return int.TryParse(member.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new SpecException(member.Line, $"\"{name}\" must be a whole number");
    }

    private static VersionRange Range(JsonNode node, string name)
    {
        JsonNode member = Member(node, name);
        return VersionRange.TryParse(member.Text, out VersionRange range)
            ? range
            : throw new SpecException(member.Line, $"\"{name}\": \"{member.Text}\" is not a version range (none, 3, 3-5 or 3+)");
    }
}
