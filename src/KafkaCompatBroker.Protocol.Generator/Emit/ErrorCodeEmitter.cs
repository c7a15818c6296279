using System.Text;
using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits the ErrorCode enum and what is known of each code.</summary>
internal static class ErrorCodeEmitter
{
    public static string Emit(List<ErrorSpec> errors)
    {
        var code = new CodeWriter();
        code.FileHeader("", MessageEmitter.Namespace);
        code.Line("/// <summary>Error codes of the protocol.</summary>");
        code.Open("public enum ErrorCode : short");
        foreach (ErrorSpec error in errors)
        {
            code.Line($"{Pascal(error.Name)} = {error.Code},");
        }

        code.Close();
        code.Line();
        code.Line("/// <summary>What is known of each error code.</summary>");
        code.Open("public static class ErrorCodes");
        EmitSwitch(code, "string Message", "One line for people.", errors, static e => SpecDefaults.Quote(e.Message), "\"Unknown error code.\"");
        code.Line();
        EmitSwitch(
            code, "string WireName", "Upper-case name used by logs and tools.", errors, static e => SpecDefaults.Quote(e.Name), "\"UNKNOWN\"");
        code.Line();
        code.Line("/// <summary>Whether a client may send the same request again.</summary>");
        code.Line("public static bool IsRetriable(this ErrorCode code) =>");
        List<string> retriable = errors.FindAll(static e => e.Retriable).ConvertAll(static e => "ErrorCode." + Pascal(e.Name));
        code.Line(retriable.Count == 0 ? "    false;" : $"    code is {string.Join(" or ", retriable)};");
        code.Close();
        return code.ToString();
    }

    private static void EmitSwitch(
        CodeWriter code, string signature, string summary, List<ErrorSpec> errors, Func<ErrorSpec, string> value, string otherwise)
    {
        code.Line($"/// <summary>{summary}</summary>");
        code.Open($"public static {signature}(this ErrorCode code) => code switch");
        foreach (ErrorSpec error in errors)
        {
            code.Line($"ErrorCode.{Pascal(error.Name)} => {value(error)},");
        }

        code.Line($"_ => {otherwise},");
        code.Close(";");
    }

    private static string Pascal(string name)
    {
        var text = new StringBuilder();
        foreach (string word in name.Split('_'))
        {
            text.Append(word[0]).Append(word.Substring(1).ToLowerInvariant());
        }

        return text.ToString();
    }
}
