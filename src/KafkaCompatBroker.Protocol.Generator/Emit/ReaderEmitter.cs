using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits the static Read of a type. Every bound is checked by the WireReader; null where it is not allowed is checked here.</summary>
internal static class ReaderEmitter
{
    public static void Emit(CodeWriter code, MessageSpec message, StructSpec item, VersionScope scope, bool isMessage)
    {
        code.Open($"{(isMessage ? "public" : "internal")} static {item.Name} Read(ref WireReader reader, short version)");
        if (isMessage)
        {
            code.Line("WireVersion.CheckRead(version, LowestVersion, HighestVersion);");
        }

        scope.DeclareFlexible(code);
        code.Line($"var value = new {item.Name}();");
        foreach (FieldSpec field in item.Fields)
        {
            if (field.IsTagged)
            {
                continue;
            }

            code.Under(scope.Within(field.Versions));
            EmitField(code, message, field, scope.Narrow(field.Versions));
        }

        code.EndConditions();

        scope.WhenFlexible(code, () => EmitTags(code, message, item, scope));
        code.Line("return value;");
        code.Close();
    }

    /// <summary>Emits the reader of an array of the struct; it gives null for a null array.</summary>
    public static void EmitArray(CodeWriter code, MessageSpec message, StructSpec item, VersionScope scope)
    {
        int flexible = FieldTypes.SmallestBytes(message, item, scope.FlexibleVersions);
        int rigid = scope.IsAlwaysFlexible ? flexible : RigidBytes(message, item, scope);
        string smallest = scope.IsAlwaysFlexible ? $"{flexible}" : scope.IsNeverFlexible ? $"{rigid}" : $"flexible ? {flexible} : {rigid}";
        code.Open($"internal static {item.Name}[]? ReadArray(ref WireReader reader, short version, bool flexible)");
        code.Line($"int count = reader.ReadArrayCount(flexible, {smallest}, {FieldTypes.InstanceBytes(item)});");
        code.Open("if (count <= 0)");
        code.Line("return count < 0 ? null : [];");
        code.Close();
        code.Line();
        code.Line($"var items = new {item.Name}[count];");
        code.Open("for (int i = 0; i < items.Length; i++)");
        code.Line("items[i] = Read(ref reader, version);");
        code.Close();
        code.Line();
        code.Line("return items;");
        code.Close();
    }

    private static int RigidBytes(MessageSpec message, StructSpec item, VersionScope scope)
    {
        int highest = scope.IsNeverFlexible ? scope.Versions.Highest : scope.FlexibleVersions.Lowest - 1;
        return FieldTypes.SmallestBytes(message, item, new VersionRange(scope.Versions.Lowest, highest));
    }

    private static void EmitField(CodeWriter code, MessageSpec message, FieldSpec field, VersionScope scope)
    {
        string nullWhen = scope.Within(field.Nullable);
        string plain = Expression(message, field, scope, nullable: false);
        if (!field.IsNullable)
        {
            if (FieldDefaults.IsLazyStruct(field))
            {
                code.Line($"reader.Charge({FieldTypes.InstanceBytes(message.FindStruct(field.StructName)!)});");
            }

            code.Line($"value.{field.Name} = {plain};");
            return;
        }

        string nullable = Expression(message, field, scope, nullable: true);
        code.Line(nullWhen.Length == 0
            ? $"value.{field.Name} = {nullable};"
            : $"value.{field.Name} = {nullWhen} ? {nullable} : {plain};");
    }

    private static string Expression(MessageSpec message, FieldSpec field, VersionScope scope, bool nullable)
    {
        string flexible = scope.FlexibleText(field);
        string part = FieldTypes.MethodPart(field.Type);
        if (field.IsArray)
        {
            string read = field.IsStruct
                ? $"{field.StructName}.ReadArray(ref reader, version, {flexible})"
                : $"reader.Read{part}Array({flexible})";
            return nullable ? read : $"{read} ?? throw WireFormatException.Null(\"{message.Name}\", \"{field.Name}\")";
        }

        switch (field.Type)
        {
            case WireType.Struct:
                int bytes = FieldTypes.InstanceBytes(message.FindStruct(field.StructName)!);
                return nullable
                    ? $"reader.Read{(field.IsTagged ? "Tagged" : "")}Presence({bytes}) ? {field.StructName}.Read(ref reader, version) : null"
                    : $"{field.StructName}.Read(ref reader, version)";
            case WireType.Text:
                string text = $"reader.ReadString({flexible})";
                return nullable ? text : $"{text} ?? throw WireFormatException.Null(\"{message.Name}\", \"{field.Name}\")";
            case WireType.Bytes or WireType.Records:
                string memory = $"reader.ReadBytes({flexible})";
                return nullable ? memory : $"{memory} ?? throw WireFormatException.Null(\"{message.Name}\", \"{field.Name}\")";
            case WireType.Error:
                return "(ErrorCode)reader.ReadInt16()";
            default:
                return $"reader.Read{part}()";
        }
    }

    private static void EmitTags(CodeWriter code, MessageSpec message, StructSpec item, VersionScope scope)
    {
        List<FieldSpec> tagged = Tagged(item);
        if (tagged.Count == 0)
        {
            code.Line("reader.SkipTaggedFields();");
            return;
        }

        VersionScope flexibleScope = scope.Narrow(scope.FlexibleVersions);
        code.Line("int previousTag = -1;");
        code.Open("for (int tags = reader.ReadTagCount(); tags > 0; tags--)");
        code.Line("int tag = reader.ReadTag(ref previousTag, out int end);");
        code.Open("switch (tag)");
        foreach (FieldSpec field in tagged)
        {
            string condition = flexibleScope.Within(field.Versions);
            code.Open($"case {field.Tag}{(condition.Length > 0 ? " when " + condition : "")}:");
            EmitField(code, message, field, flexibleScope.Narrow(field.Versions));
            code.Line("break;");
            code.Close();
        }

        code.Open("default:");
        code.Line("reader.SkipTo(end);");
        code.Line("break;");
        code.Close();
        code.Close();
        code.Line();
        code.Line("reader.EndTag(end);");
        code.Close();
        code.Line();
    }

    /// <summary>Tagged fields in the order in which the wire has them.</summary>
    public static List<FieldSpec> Tagged(StructSpec item)
    {
        var tagged = new List<FieldSpec>();
        foreach (FieldSpec field in item.Fields)
        {
            if (field.IsTagged)
            {
                tagged.Add(field);
            }
        }

        tagged.Sort(static (left, right) => left.Tag.CompareTo(right.Tag));
        return tagged;
    }
}
