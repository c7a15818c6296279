using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>What each wire type is in C#, how big it is on the wire and in memory, and which method of the wire classes carries it.</summary>
internal static class FieldTypes
{
    /// <summary>Bytes of an object before its fields: method table and sync block.</summary>
    private const int ObjectHeaderBytes = 16;

    private const int ReferenceBytes = 8;

    public static string CSharp(FieldSpec field)
    {
        string element = Element(field);
        string type = field.IsArray ? element + "[]" : element;
        return field.IsNullable ? type + "?" : type;
    }

    public static string Element(FieldSpec field) => field.Type switch
    {
        WireType.Bool => "bool",
        WireType.Int8 => "sbyte",
        WireType.Int16 => "short",
        WireType.UInt16 => "ushort",
        WireType.Int32 => "int",
        WireType.UInt32 => "uint",
        WireType.Int64 => "long",
        WireType.Float64 => "double",
        WireType.Error => "ErrorCode",
        WireType.Uuid => "Uuid",
        WireType.Text => "string",
        WireType.Struct => field.StructName,
        _ => "ReadOnlyMemory<byte>",
    };

    /// <summary>Part of the names of the wire methods: ReadInt32, WriteInt32Array.</summary>
    public static string MethodPart(WireType type) => type switch
    {
        WireType.Bool => "Boolean",
        WireType.Text => "String",
        WireType.Error => "Int16",
        _ => type.ToString(),
    };

    /// <summary>Bytes on the wire of a type that always takes the same; 0 for the others.</summary>
    public static int FixedBytes(FieldSpec field) => field.IsArray ? 0 : ElementBytes(field.Type);

    public static int ElementBytes(WireType type) => type switch
    {
        WireType.Bool or WireType.Int8 => 1,
        WireType.Int16 or WireType.UInt16 or WireType.Error => 2,
        WireType.Int32 or WireType.UInt32 => 4,
        WireType.Int64 or WireType.Float64 => 8,
        WireType.Uuid => 16,
        _ => 0,
    };

    /// <summary>Fewest bytes that a struct takes in any version of <paramref name="versions"/>.</summary>
    public static int SmallestBytes(MessageSpec message, StructSpec item, VersionRange versions)
    {
        int smallest = int.MaxValue;
        for (int version = versions.Lowest; version <= versions.Highest; version++)
        {
            smallest = Math.Min(smallest, SmallestBytes(message, item, version));
        }

        return smallest == int.MaxValue ? 1 : Math.Max(1, smallest);
    }

    /// <summary>Bytes of memory of one instance of the struct, without what its references point to.</summary>
    public static int InstanceBytes(StructSpec item)
    {
        int bytes = ObjectHeaderBytes;
        foreach (FieldSpec field in item.Fields)
        {
            bool isMemory = !field.IsArray && field.Type is WireType.Bytes or WireType.Records;
            int fixedBytes = FixedBytes(field);
            bytes += isMemory ? field.IsNullable ? 24 : 16 : fixedBytes > 0 ? fixedBytes : ReferenceBytes;
        }

        return (bytes + 7) / 8 * 8;
    }

    private static int SmallestBytes(MessageSpec message, StructSpec item, int version)
    {
        bool flexible = message.Flexible.Covers(new VersionRange(version, version));
        int bytes = flexible ? 1 : 0;
        foreach (FieldSpec field in item.Fields)
        {
            if (field.IsTagged || !field.Versions.Covers(new VersionRange(version, version)))
            {
                continue;
            }

            bytes += field switch
            {
                { IsArray: true } => flexible ? 1 : 4,
                { Type: WireType.Text } => flexible ? 1 : 2,
                { Type: WireType.Bytes or WireType.Records } => flexible ? 1 : 4,
                { IsStruct: true, IsNullable: true } => 1,
                { IsStruct: true } => SmallestBytes(message, message.FindStruct(field.StructName)!, version),
                _ => FixedBytes(field),
            };
        }

        return bytes;
    }
}
