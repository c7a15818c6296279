namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Apache Kafka's own command-line tools, each in a JVM of its own.</summary>
internal static class KafkaTools
{
    private static readonly Dictionary<string, string> SmallHeap = new() { ["KAFKA_HEAP_OPTS"] = "-Xmx256M" };

    public static Task<CommandResult> RunAsync(string tool, params string[] arguments) => RunWithInputAsync(tool, null, arguments);

    public static async Task<CommandResult> RunWithInputAsync(string tool, string? input, params string[] arguments)
    {
        var script = Path.Combine(Requirements.KafkaHome!, "bin", tool + ".sh");
        return (await CommandResult.RunAsync(script, arguments, input, SmallHeap)).Succeeded();
    }
}
