using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits Write. A value that the version cannot carry and that must not be lost is refused.</summary>
internal static class WriterEmitter
{
    public static void Emit(CodeWriter code, MessageSpec message, StructSpec item, VersionScope scope, bool isMessage)
    {
        code.Open($"{(isMessage ? "public" : "internal")} void Write(WireBuffer buffer, short version)");
        if (isMessage)
        {
            code.Line("WireVersion.CheckWrite(version, LowestVersion, HighestVersion);");
        }

        scope.DeclareFlexible(code);
        foreach (FieldSpec field in item.Fields)
        {
            string condition = scope.Within(field.Versions);
            if (condition.Length > 0 && !field.Ignorable)
            {
                code.EndConditions();
                code.Open($"if (!({condition}) && {FieldDefaults.Differs(field)})");
                code.Line($"throw UnsupportedFieldException.NotInVersion(\"{Path(message, item, field)}\", version);");
                code.Close();
                code.Line();
            }

            if (!field.IsTagged)
            {
                code.Under(condition);
                EmitField(code, message, item, field, scope.Narrow(field.Versions));
            }
        }

        code.EndConditions();

        scope.WhenFlexible(code, () => EmitTags(code, message, item, scope));
        code.Close();
    }

    public static void EmitArray(CodeWriter code, StructSpec item)
    {
        code.Open($"internal static void WriteArray({item.Name}[]? items, WireBuffer buffer, short version, bool flexible)");
        code.Line("buffer.WriteArrayCount(flexible, items?.Length ?? -1);");
        code.Open($"foreach ({item.Name} item in items ?? [])");
        code.Line("item.Write(buffer, version);");
        code.Close();
        code.Close();
    }

    public static string TagCondition(FieldSpec field, VersionScope scope)
    {
        string version = scope.Within(field.Versions);
        string differs = FieldDefaults.Differs(field);
        return version.Length > 0 ? $"{version} && {differs}" : differs;
    }

    private static void EmitField(CodeWriter code, MessageSpec message, StructSpec item, FieldSpec field, VersionScope scope)
    {
        string nullWhen = field.IsNullable ? scope.Within(field.Nullable) : "";
        if (nullWhen.Length > 0)
        {
            code.Open($"if ({field.Name} is null && !({nullWhen}))");
            code.Line($"throw UnsupportedFieldException.NullNotInVersion(\"{Path(message, item, field)}\", version);");
            code.Close();
            code.Line();
        }

        string flexible = scope.FlexibleText(field);
        string part = FieldTypes.MethodPart(field.Type);
        string name = field.Name;
        if (field.IsArray)
        {
            code.Line(field.IsStruct
                ? $"{field.StructName}.WriteArray({name}, buffer, version, {flexible});"
                : $"buffer.Write{part}Array({flexible}, {name});");
            return;
        }

        switch (field.Type)
        {
            case WireType.Struct when field.IsNullable:
                code.Line($"buffer.Write{(field.IsTagged ? "Tagged" : "")}Presence({name} is not null);");
                code.Line($"{name}?.Write(buffer, version);");
                break;
            case WireType.Struct:
                code.Line($"{name}.Write(buffer, version);");
                break;
            case WireType.Text or WireType.Bytes or WireType.Records:
                code.Line($"buffer.Write{part}({flexible}, {name});");
                break;
            case WireType.Error:
                code.Line($"buffer.WriteInt16((short){name});");
                break;
            default:
                code.Line($"buffer.Write{part}({name});");
                break;
        }
    }

    private static void EmitTags(CodeWriter code, MessageSpec message, StructSpec item, VersionScope scope)
    {
        List<FieldSpec> tagged = ReaderEmitter.Tagged(item);
        if (tagged.Count == 0)
        {
            code.Line("buffer.WriteUnsignedVarint(0);");
            return;
        }

        VersionScope flexibleScope = scope.Narrow(scope.FlexibleVersions);
        code.Line("int tags = 0;");
        foreach (FieldSpec field in tagged)
        {
            code.Open($"if ({TagCondition(field, flexibleScope)})");
            code.Line("tags++;");
            code.Close();
            code.Line();
        }

        code.Line("buffer.WriteUnsignedVarint((uint)tags);");
        foreach (FieldSpec field in tagged)
        {
            VersionScope fieldScope = flexibleScope.Narrow(field.Versions);
            code.Open($"if ({TagCondition(field, flexibleScope)})");
            code.Line($"buffer.WriteTag({field.Tag}, {SizeEmitter.Expression(field, fieldScope)});");
            EmitField(code, message, item, field, fieldScope);
            code.Close();
            code.Line();
        }
    }

    private static string Path(MessageSpec message, StructSpec item, FieldSpec field) =>
        item.Name == message.Name ? $"{message.Name}.{field.Name}" : $"{message.Name}.{item.Name}.{field.Name}";
}
