namespace KafkaCompatBroker.Protocol.Generator.Spec;

/// <summary>Wire types. Struct means a nested type named by <see cref="FieldSpec.StructName"/>.</summary>
internal enum WireType
{
    Bool,
    Int8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    Float64,
    Error,
    Uuid,
    Text,
    Bytes,
    Records,
    Struct,
}

/// <summary>
/// One field. <see cref="Versions"/> and <see cref="Nullable"/> are already cut to what encloses the field. <see cref="Default"/> is a
/// C# literal of the type's value, "null", or empty for the type's own default. <see cref="Tag"/> is -1 for a field in sequence.
/// </summary>
internal sealed record FieldSpec(
    string Name,
    WireType Type,
    string StructName,
    bool IsArray,
    VersionRange Versions,
    VersionRange Nullable,
    int Tag,
    string Default,
    bool Ignorable,
    bool NeverFlexible,
    int Line)
{
    public bool IsNullable => !Nullable.IsEmpty;

    public bool IsTagged => Tag >= 0;

    public bool IsStruct => Type == WireType.Struct;
}

/// <summary>A nested type, cut to the versions in which it can occur.</summary>
internal sealed record StructSpec(string Name, VersionRange Versions, EquatableArray<FieldSpec> Fields, int Line);
