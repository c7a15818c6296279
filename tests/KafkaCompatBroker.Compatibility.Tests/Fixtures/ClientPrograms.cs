namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Clients of other languages: small programs beside the tests (Clients/Programs), each run of which is one scenario.</summary>
internal static class ClientPrograms
{
    private const string DebianPython = "/usr/bin/python3";

    private static readonly string KafkaJsFolder = Environment.GetEnvironmentVariable("KAFKAJS") ?? Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "kafka-compat-broker", "kafkajs-2.2.4");

    public static string? NoKafkaJs { get; } = !Requirements.OnPath("node") ? "node is not installed"
        : Directory.Exists(Path.Combine(KafkaJsFolder, "kafkajs")) ? null : $"no KafkaJS in {KafkaJsFolder}; bash tests/run installs it";

    public static string? NoKafkaPython { get; } =
        Directory.Exists("/usr/lib/python3/dist-packages/kafka") ? null : "python3-kafka is not installed";

    public static Task KafkaJsAsync(string bootstrap, string scenario, string name) =>
        RunAsync("node", "kafkajs.js", [bootstrap, scenario, name], new() { ["NODE_PATH"] = KafkaJsFolder });

    public static Task KafkaPythonAsync(string bootstrap, string scenario, string name) =>
        RunAsync(DebianPython, "kafka_python.py", [bootstrap, scenario, name], []);

    private static async Task RunAsync(string interpreter, string program, string[] arguments, Dictionary<string, string> environment)
    {
        var file = Path.Combine(Requirements.RepositoryRoot, "tests", "KafkaCompatBroker.Compatibility.Tests", "Clients", "Programs", program);
        (await CommandResult.RunAsync(interpreter, [file, .. arguments], environment: environment)).Succeeded();
    }
}

internal sealed class KafkaJsTheoryAttribute : TheoryAttribute
{
    public KafkaJsTheoryAttribute() => Skip = ClientPrograms.NoKafkaJs;
}

internal sealed class KafkaPythonTheoryAttribute : TheoryAttribute
{
    public KafkaPythonTheoryAttribute() => Skip = ClientPrograms.NoKafkaPython;
}
