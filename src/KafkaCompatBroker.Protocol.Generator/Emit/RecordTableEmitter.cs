using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits which class belongs to which record type of the metadata log and of the coordinators' logs.</summary>
internal static class RecordTableEmitter
{
    private const string Usings = "KafkaCompatBroker.Protocol.Wire";

    public static string EmitMetadata(List<RecordSpec> records)
    {
        var code = new CodeWriter();
        code.FileHeader(Usings, MessageEmitter.Namespace);
        code.Line("/// <summary>Record types of the metadata log.</summary>");
        code.Open("public static class MetadataRecordTypes");
        EmitTypeOf(code, records, "");
        EmitRead(code, records, "Read", "", keys: false);
        EmitHighestVersion(code, records);
        code.Close();
        return code.ToString();
    }

    public static string EmitCoordinator(string className, string log, List<RecordSpec> records)
    {
        var code = new CodeWriter();
        code.FileHeader(Usings, MessageEmitter.Namespace);
        code.Line($"/// <summary>Record types of the {log} coordinator's log.</summary>");
        code.Open($"public static class {className}");
        EmitTypeOf(code, records, "Key");
        EmitRead(code, records, "ReadKey", "Key", keys: true);
        code.Line();
        EmitRead(code, records, "ReadValue", "Value", keys: false);
        EmitHighestVersion(code, records);
        code.Close();
        return code.ToString();
    }

    private static void EmitTypeOf(CodeWriter code, List<RecordSpec> records, string suffix)
    {
        code.Line("/// <summary>Type number of a record, or -1 when it is not of this log.</summary>");
        code.Open("public static short TypeOf(IMessage record) => record switch");
        foreach (RecordSpec record in records)
        {
            code.Line($"{record.Name}{suffix} => {record.Key},");
        }

        code.Line("_ => -1,");
        code.Close(";");
        code.Line();
    }

    private static void EmitRead(CodeWriter code, List<RecordSpec> records, string method, string suffix, bool keys)
    {
        code.Line("/// <summary>Reads a record of this type; null when no such type is known.</summary>");
        code.Open($"public static IMessage? {method}(int type, ref WireReader reader{(keys ? "" : ", short version")}) => type switch");
        foreach (RecordSpec record in records)
        {
            code.Line($"{record.Key} => {record.Name}{suffix}.Read(ref reader, {(keys ? "0" : "version")}),");
        }

        code.Line("_ => null,");
        code.Close(";");
    }

    private static void EmitHighestVersion(CodeWriter code, List<RecordSpec> records)
    {
        code.Line();
        code.Line("/// <summary>Highest known version of the value of this type, or -1 when no such type is known.</summary>");
        code.Open("public static short HighestVersion(int type) => type switch");
        foreach (RecordSpec record in records)
        {
            code.Line($"{record.Key} => {record.Versions.Highest},");
        }

        code.Line("_ => -1,");
        code.Close(";");
    }
}
