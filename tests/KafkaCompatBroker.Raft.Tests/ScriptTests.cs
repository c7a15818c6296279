namespace KafkaCompatBroker.Raft.Tests;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Scripts"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Script_holds(string script) =>
        new ScriptRunner(script).Run(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Scripts", script + ".txt")));
}
