using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits the class of one message with its nested types.</summary>
internal static class MessageEmitter
{
    public const string Namespace = "KafkaCompatBroker.Protocol.Messages";

    public static string Emit(MessageSpec message)
    {
        var code = new CodeWriter();
        code.FileHeader("System KafkaCompatBroker.Protocol.Types KafkaCompatBroker.Protocol.Wire", Namespace);
        HashSet<string> askedForDefault = FieldDefaults.StructsAskedForDefault(message);

        code.Line($"/// <summary>{Summary(message)}</summary>");
        string contract = message.Role == MessageRole.Request ? "IRequest" : "IMessage";
        string throttled = TellsThrottleTime(message) ? ", IThrottledResponse" : "";
        code.Open($"public sealed class {message.Name} : {contract}<{message.Name}>{throttled}");
        if (message.Role == MessageRole.Request)
        {
            string api = message.Name.Substring(0, message.Name.Length - "Request".Length);
            code.Line($"public static ApiKey ApiKey => ApiKey.{api};");
            code.Line();
        }

        code.Line($"public static short LowestVersion => {message.Versions.Lowest};");
        code.Line();
        code.Line($"public static short HighestVersion => {message.Versions.Highest};");
        code.Line();
        EmitMembers(code, message, message.Body, askedForDefault);
        foreach (StructSpec item in message.Structs)
        {
            code.Line();
            code.Line($"/// <summary>Part of <see cref=\"{message.Name}\"/>{VersionText(message, item)}.</summary>");
            code.Open($"public sealed class {item.Name}");
            EmitMembers(code, message, item, askedForDefault);
            code.Close();
        }

        code.Close();
        return code.ToString();
    }

    private static void EmitMembers(CodeWriter code, MessageSpec message, StructSpec item, HashSet<string> askedForDefault)
    {
        foreach (FieldSpec field in item.Fields)
        {
            EmitProperty(code, field);
            code.Line();
        }

        if (askedForDefault.Contains(item.Name))
        {
            EmitIsDefault(code, item);
        }

        var scope = new VersionScope(item.Versions, message.Flexible);
        bool isMessage = item.Name == message.Name;
        ReaderEmitter.Emit(code, message, item, scope, isMessage);
        code.Line();
        SizeEmitter.Emit(code, item, scope, isMessage);
        code.Line();
        WriterEmitter.Emit(code, message, item, scope, isMessage);
        if (!isMessage && IsUsedInArray(message, item.Name))
        {
            code.Line();
            ReaderEmitter.EmitArray(code, message, item, scope);
            code.Line();
            SizeEmitter.EmitArray(code, item);
            code.Line();
            WriterEmitter.EmitArray(code, item);
        }
    }

    private static void EmitProperty(CodeWriter code, FieldSpec field)
    {
        string type = FieldTypes.CSharp(field);
        if (!FieldDefaults.IsLazyStruct(field))
        {
            code.Line($"public {type} {field.Name} {{ get; set; }}{FieldDefaults.Initializer(field)}");
            return;
        }

        string backing = FieldDefaults.BackingField(field);
        code.Line($"private {type}? {backing};");
        code.Line();
        code.Line($"public {type} {field.Name} {{ get => {backing} ??= new(); set => {backing} = value; }}");
    }

    private static void EmitIsDefault(CodeWriter code, StructSpec item)
    {
        code.Open("internal bool IsDefault");
        code.Open("get");
        foreach (FieldSpec field in item.Fields)
        {
            code.Open($"if ({FieldDefaults.Differs(field)})");
            code.Line("return false;");
            code.Close();
            code.Line();
        }

        code.Line("return true;");
        code.Close();
        code.Close();
        code.Line();
    }

    private static bool IsUsedInArray(MessageSpec message, string name)
    {
        foreach (StructSpec owner in message.Structs)
        {
            if (HasArrayOf(owner, name))
            {
                return true;
            }
        }

        return HasArrayOf(message.Body, name);
    }

    private static bool HasArrayOf(StructSpec owner, string name)
    {
        foreach (FieldSpec field in owner.Fields)
        {
            if (field.IsArray && field.StructName == name)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TellsThrottleTime(MessageSpec message)
    {
        foreach (FieldSpec field in message.Body.Fields)
        {
            if (field.Name == "ThrottleTimeMs")
            {
                return message.Role == MessageRole.Response;
            }
        }

        return false;
    }

    private static string VersionText(MessageSpec message, StructSpec item) =>
        item.Versions == message.Versions ? "" : $", versions {item.Versions}";

    private static string Summary(MessageSpec message)
    {
        string what = message.Role switch
        {
            MessageRole.Request => $"Request of API {message.Key}",
            MessageRole.Response => $"Response of API {message.Key}",
            MessageRole.MetadataRecord => $"Record {message.Key} of the metadata log",
            MessageRole.CoordinatorKey => $"Key of coordinator record {message.Key}",
            MessageRole.CoordinatorValue => $"Value of coordinator record {message.Key}",
            MessageRole.Header => "Header of a frame",
            _ => "Structure kept inside records or files",
        };
        return $"{what}, versions {message.Versions}, flexible {message.Flexible}.";
    }
}
