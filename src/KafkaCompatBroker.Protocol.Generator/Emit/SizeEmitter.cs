using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits Size: exactly the bytes that Write makes.</summary>
internal static class SizeEmitter
{
    public static void Emit(CodeWriter code, StructSpec item, VersionScope scope, bool isMessage)
    {
        code.Open(isMessage ? "public int Size(short version)" : "internal int SizeOf(short version)");
        scope.DeclareFlexible(code);
        code.Line($"int size = {AlwaysBytes(item, scope)};");
        foreach (FieldSpec field in item.Fields)
        {
            string condition = scope.Within(field.Versions);
            int fixedBytes = FieldTypes.FixedBytes(field);
            if (field.IsTagged || (fixedBytes > 0 && condition.Length == 0))
            {
                continue;
            }

            code.Under(condition);
            code.Line($"size += {(fixedBytes > 0 ? $"{fixedBytes}" : Expression(field, scope.Narrow(field.Versions)))};");
        }

        code.EndConditions();

        scope.WhenFlexible(code, () => EmitTags(code, item, scope));
        code.Line("return size;");
        code.Close();
    }

    public static void EmitArray(CodeWriter code, StructSpec item)
    {
        code.Open($"internal static int SizeArray({item.Name}[]? items, short version, bool flexible)");
        code.Line("int size = WireSize.ArrayCount(flexible, items?.Length ?? -1);");
        code.Open($"foreach ({item.Name} item in items ?? [])");
        code.Line("size += item.SizeOf(version);");
        code.Close();
        code.Line();
        code.Line("return size;");
        code.Close();
    }

    /// <summary>Size of a field that is present.</summary>
    public static string Expression(FieldSpec field, VersionScope scope)
    {
        string flexible = scope.FlexibleText(field);
        if (field.IsArray)
        {
            return field.Type switch
            {
                WireType.Struct => $"{field.StructName}.SizeArray({field.Name}, version, {flexible})",
                WireType.Text => $"WireSize.StringArray({flexible}, {field.Name})",
                _ => $"WireSize.FixedArray({flexible}, {field.Name}?.Length ?? -1, {FieldTypes.ElementBytes(field.Type)})",
            };
        }

        return field.Type switch
        {
            WireType.Struct when field.IsNullable => $"1 + ({field.Name}?.SizeOf(version) ?? 0)",
            WireType.Struct => $"{field.Name}.SizeOf(version)",
            WireType.Text => $"WireSize.String({flexible}, {field.Name})",
            WireType.Bytes or WireType.Records => $"WireSize.Bytes({flexible}, {field.Name}{(field.IsNullable ? "?.Length ?? -1" : ".Length")})",
            _ => $"{FieldTypes.FixedBytes(field)}",
        };
    }

    private static int AlwaysBytes(StructSpec item, VersionScope scope)
    {
        int bytes = 0;
        foreach (FieldSpec field in item.Fields)
        {
            if (!field.IsTagged && field.Versions.Covers(scope.Versions))
            {
                bytes += FieldTypes.FixedBytes(field);
            }
        }

        return bytes;
    }

    private static void EmitTags(CodeWriter code, StructSpec item, VersionScope scope)
    {
        List<FieldSpec> tagged = ReaderEmitter.Tagged(item);
        if (tagged.Count == 0)
        {
            code.Line("size++;");
            return;
        }

        VersionScope flexibleScope = scope.Narrow(scope.FlexibleVersions);
        code.Line("int tags = 0;");
        foreach (FieldSpec field in tagged)
        {
            code.Open($"if ({WriterEmitter.TagCondition(field, flexibleScope)})");
            code.Line("tags++;");
            code.Line($"size += WireSize.TaggedField({field.Tag}, {Expression(field, flexibleScope.Narrow(field.Versions))});");
            code.Close();
            code.Line();
        }

        code.Line("size += WireSize.UnsignedVarint(tags);");
    }
}
