namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Apache Kafka's own command-line tools, each in a JVM of its own.</summary>
internal static class KafkaTools
{
    private static readonly Dictionary<string, string> SmallHeap = new() { ["KAFKA_HEAP_OPTS"] = "-Xmx256M" };

    /// <summary>For the shell, which refuses metadata with a feature level that its own release does not know.</summary>
    private static readonly Dictionary<string, string> NewestRelease = new(SmallHeap) { ["KAFKA_RELEASE"] = "4.4" };

    public static Task<CommandResult> RunAsync(string tool, params string[] arguments) => RunWithInputAsync(tool, null, arguments);

    public static async Task<CommandResult> RunWithInputAsync(string tool, string? input, params string[] arguments)
    {
        var script = Path.Combine(Requirements.KafkaHome!, "bin", tool + ".sh");
        return (await CommandResult.RunAsync(script, arguments, input, tool == "kafka-metadata-shell" ? NewestRelease : SmallHeap)).Succeeded();
    }
}
