namespace KafkaCompatBroker.Protocol.Generator.Spec;

/// <summary>Finds what parses but cannot be right, so that a mistake shows at its line in the spec and not in generated code.</summary>
internal static class SpecValidator
{
    private static readonly string[] MessageMembers = ["Read", "Size", "Write", "ApiKey", "LowestVersion", "HighestVersion"];

    private static readonly string[] StructMembers =
        ["Read", "SizeOf", "Write", "IsDefault", "ReadArray", "SizeArray", "WriteArray"];

    public static void Validate(string path, MessageSpec message, List<SpecDiagnostic> problems)
    {
        void Report(int line, string text) => problems.Add(new SpecDiagnostic(path, line, $"{message.Name}: {text}"));

        var structNames = new HashSet<string>(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (StructSpec item in message.Structs)
        {
            if (!structNames.Add(item.Name))
            {
                Report(item.Line, $"struct {item.Name} is defined twice");
            }

            if (item.Name == message.Name)
            {
                Report(item.Line, $"struct {item.Name} has the name of its message");
            }

            ValidateFields(message, item, used, Report);
        }

        ValidateFields(message, message.Body, used, Report);
        foreach (StructSpec item in message.Structs)
        {
            if (!used.Contains(item.Name))
            {
                Report(item.Line, $"struct {item.Name} is not used");
            }
        }

        ValidatePropertyNames(message, structNames, Report);
    }

    private static void ValidateFields(MessageSpec message, StructSpec owner, HashSet<string> used, Action<int, string> report)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tags = new HashSet<int>();
        if (owner.Versions.IsEmpty)
        {
            report(owner.Line, $"{owner.Name} is in no version");
        }

        foreach (FieldSpec field in owner.Fields)
        {
            if (!names.Add(field.Name))
            {
                report(field.Line, $"field {field.Name} is defined twice");
            }

            if (!char.IsUpper(field.Name[0]))
            {
                report(field.Line, $"field {field.Name} must start with a capital");
            }

            if (Array.IndexOf(owner == message.Body ? MessageMembers : StructMembers, field.Name) >= 0)
            {
                report(field.Line, $"field {field.Name} has the name of a generated member");
            }

            if (field.IsTagged && !tags.Add(field.Tag))
            {
                report(field.Line, $"tag {field.Tag} is used twice");
            }

            ValidateField(message, field, used, report);
        }
    }

    private static void ValidateField(MessageSpec message, FieldSpec field, HashSet<string> used, Action<int, string> report)
    {
        if (field.Versions.IsEmpty)
        {
            report(field.Line, $"field {field.Name} is in no version of what encloses it");
        }

        if (field.IsTagged && !message.Flexible.Covers(field.Versions))
        {
            report(field.Line, $"tagged field {field.Name} is in a version without tags");
        }

        bool mayBeNull = field.IsArray || field.Type is WireType.Text or WireType.Bytes or WireType.Records or WireType.Struct;
        if (field.IsNullable && !mayBeNull)
        {
            report(field.Line, $"field {field.Name} has a type that cannot be null");
        }

        if (field.Default == "null" && !field.IsNullable)
        {
            report(field.Line, $"field {field.Name} has the default null and is never nullable");
        }

        if (!field.IsStruct)
        {
            return;
        }

        used.Add(field.StructName);
        StructSpec? target = message.FindStruct(field.StructName);
        if (target is null)
        {
            report(field.Line, $"type {field.StructName} of field {field.Name} is not known");
        }
        else if (!target.Versions.Covers(field.Versions))
        {
            report(field.Line, $"field {field.Name} is in versions {field.Versions}, its type {target.Name} only in {target.Versions}");
        }
    }

    // A C# class cannot have a nested type and a property of one name, and inside any nested type the property would hide the type.
    private static void ValidatePropertyNames(MessageSpec message, HashSet<string> structNames, Action<int, string> report)
    {
        foreach (StructSpec owner in message.Structs)
        {
            foreach (FieldSpec field in owner.Fields)
            {
                Check(field);
            }
        }

        foreach (FieldSpec field in message.Body.Fields)
        {
            Check(field);
        }

        void Check(FieldSpec field)
        {
            if (structNames.Contains(field.Name) || field.Name == message.Name)
            {
                report(field.Line, $"field {field.Name} has the name of a type: rename the type, for example {field.Name}Data");
            }
        }
    }
}
