using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>Emits the ApiKey enum and the entries behind ApiTable.</summary>
internal static class ApiTableEmitter
{
    public static string EmitKeys(List<ApiSpec> apis)
    {
        var code = new CodeWriter();
        code.FileHeader("", MessageEmitter.Namespace);
        code.Line("/// <summary>Number of an API in the header of a request.</summary>");
        code.Open("public enum ApiKey : short");
        foreach (ApiSpec api in apis)
        {
            code.Line($"{api.Name} = {api.Key},");
        }

        code.Close();
        return code.ToString();
    }

    public static string EmitTable(List<ApiSpec> apis)
    {
        var code = new CodeWriter();
        code.FileHeader("", MessageEmitter.Namespace);
        code.Open("internal static class ApiTableEntries");
        code.Line("public static readonly ApiInfo?[] ByKey =");
        code.Line("[");
        int next = 0;
        foreach (ApiSpec api in apis)
        {
            for (; next < api.Key; next++)
            {
                code.Line("    null,");
            }

            code.Line(api.Versions.IsEmpty ? "    null," : $"    {Entry(api)},");
            next++;
        }

        code.Line("];");
        code.Close();
        return code.ToString();
    }

    private static string Entry(ApiSpec api)
    {
        int stable = api.Unstable.IsEmpty ? api.Versions.Highest : api.Unstable.Lowest - 1;
        string flexible = api.Flexible.IsEmpty ? "short.MaxValue" : $"{api.Flexible.Lowest}";
        string listeners = "ApiListeners.None";
        if (api.Listeners.Length > 0)
        {
            listeners = string.Join(" | ", Array.ConvertAll(
                api.Listeners.Split(','), static name => "ApiListeners." + char.ToUpperInvariant(name[0]) + name.Substring(1)));
        }

        return $"new(ApiKey.{api.Name}, \"{api.Name}\", {api.Versions.Lowest}, {stable}, {api.Versions.Highest}, {flexible}, {listeners})";
    }
}
