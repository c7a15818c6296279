using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>The default value of each field: as an initialiser, and as a condition that the value is a different one.</summary>
internal static class FieldDefaults
{
    /// <summary>A struct that is never null is made when first asked for; until then its backing field is null and means the default.</summary>
    public static bool IsLazyStruct(FieldSpec field) => field is { IsStruct: true, IsArray: false, IsNullable: false };

    public static string BackingField(FieldSpec field) => "_" + char.ToLowerInvariant(field.Name[0]) + field.Name.Substring(1);

    /// <summary>Initialiser with its "= "; empty when the type's own default is right.</summary>
    public static string Initializer(FieldSpec field)
    {
        if (field.Default == "null")
        {
            return "";
        }

        if (field.IsArray)
        {
            return " = [];";
        }

        return field.Type switch
        {
            WireType.Text => field.Default.Length > 0 ? $" = {field.Default};" : " = \"\";",
            WireType.Struct => " = new();",
            WireType.Bytes when field.IsNullable => " = ReadOnlyMemory<byte>.Empty;",
            WireType.Error => field.Default.Length > 0 ? $" = (ErrorCode)({field.Default});" : "",
            _ => field.Default.Length > 0 ? $" = {field.Default};" : "",
        };
    }

    /// <summary>Condition that the field does not hold its default.</summary>
    public static string Differs(FieldSpec field)
    {
        string name = field.Name;
        if (IsLazyStruct(field))
        {
            return $"{BackingField(field)} is {{ IsDefault: false }}";
        }

        if (field.Default == "null")
        {
            return $"{name} is not null";
        }

        if (field.IsArray)
        {
            return field.IsNullable ? $"{name} is not {{ Length: 0 }}" : $"{name}.Length != 0";
        }

        return field.Type switch
        {
            WireType.Text when field.Default.Length > 0 => $"{name} != {field.Default}",
            WireType.Text or WireType.Bytes => field.IsNullable ? $"{name} is not {{ Length: 0 }}" : $"{name}.Length != 0",
            WireType.Records => field.IsNullable ? $"{name} is not null" : $"{name}.Length != 0",
            WireType.Struct => $"{name} is not {{ IsDefault: true }}",
            WireType.Bool => field.Default == "true" ? $"!{name}" : name,
            WireType.Error => field.Default.Length > 0 ? $"{name} != (ErrorCode)({field.Default})" : $"{name} != 0",
            WireType.Uuid => $"{name} != Uuid.Zero",
            _ => $"{name} != {(field.Default.Length > 0 ? field.Default : "0")}",
        };
    }

    /// <summary>Names of the structs that are asked for <c>IsDefault</c>, directly or through another struct.</summary>
    public static HashSet<string> StructsAskedForDefault(MessageSpec message)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        Ask(message, message.Body, asked, all: false);
        foreach (StructSpec item in message.Structs)
        {
            Ask(message, item, asked, all: false);
        }

        return asked;
    }

    /// <summary>Whether writing compares the field with its default: tagged fields, and fields that must not be lost in a version without them.</summary>
    public static bool IsCompared(FieldSpec field, VersionRange owner) =>
        field.IsTagged || (!field.Ignorable && !field.Versions.Covers(owner));

    private static void Ask(MessageSpec message, StructSpec owner, HashSet<string> asked, bool all)
    {
        foreach (FieldSpec field in owner.Fields)
        {
            bool isStruct = field is { IsStruct: true, IsArray: false } && field.Default != "null";
            if (isStruct && (all || IsCompared(field, owner.Versions)) && asked.Add(field.StructName))
            {
                Ask(message, message.FindStruct(field.StructName)!, asked, all: true);
            }
        }
    }
}
