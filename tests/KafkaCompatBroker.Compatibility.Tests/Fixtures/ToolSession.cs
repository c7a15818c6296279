using System.Diagnostics;
using System.Globalization;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Apache Kafka's command-line tools, one after the other in one JVM: a start of it takes longer than most of them.</summary>
internal sealed class ToolSession : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["kafka-acls"] = "org.apache.kafka.tools.AclCommand",
        ["kafka-client-metrics"] = "org.apache.kafka.tools.ClientMetricsCommand",
        ["kafka-cluster"] = "org.apache.kafka.tools.ClusterTool",
        ["kafka-configs"] = "kafka.admin.ConfigCommand",
        ["kafka-delegation-tokens"] = "org.apache.kafka.tools.DelegationTokenCommand",
        ["kafka-features"] = "org.apache.kafka.tools.FeatureCommand",
        ["kafka-get-offsets"] = "org.apache.kafka.tools.GetOffsetShell",
        ["kafka-leader-election"] = "org.apache.kafka.tools.LeaderElectionCommand",
        ["kafka-metadata-quorum"] = "org.apache.kafka.tools.MetadataQuorumCommand",
        ["kafka-reassign-partitions"] = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
        ["kafka-topics"] = "org.apache.kafka.tools.TopicCommand",
    };

    private readonly ScratchDirectory _scratch;
    private readonly Process _process;

    private ToolSession(ScratchDirectory scratch, Process process) => (_scratch, _process) = (scratch, process);

    public static async Task<ToolSession> StartAsync()
    {
        var scratch = new ScratchDirectory();
        // The newest release knows every feature level.
        var libraries = string.Join(':', ((string[])["libs-4.4", "libs"]).Select(static folder => Path.Combine(Requirements.KafkaHome!, folder, "*")));
        var source = Path.Combine(Requirements.RepositoryRoot, "tests", "KafkaCompatBroker.Compatibility.Tests", "Fixtures", "ToolSession.java");
        (await CommandResult.RunAsync("javac", ["-nowarn", "-Xlint:none", "-cp", libraries, "-d", scratch.Path, source])).Succeeded();
        var start = new ProcessStartInfo(
            "java",
            [
                "-Xmx256M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                $"-Dlog4j2.configurationFile={Path.Combine(Requirements.KafkaHome!, "config", "log4j2.properties")}",
                "-cp", $"{libraries}:{scratch.Path}", "ToolSession",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = scratch.Path,
        };
        return new ToolSession(scratch, Process.Start(start)!);
    }

    /// <summary>Runs a tool; one that fails, or does not end within 90 seconds, fails the test.</summary>
    public async Task<CommandResult> RunAsync(string tool, params string[] arguments) => (await TryAsync(tool, arguments)).Succeeded();

    /// <summary>Runs a tool that is meant to fail, and gives back what it printed.</summary>
    public async Task<string> FailAsync(string tool, params string[] arguments)
    {
        var result = await TryAsync(tool, arguments);
        Assert.True(result.ExitCode != 0, $"{result.Command} did not fail:\n{result.Output}");
        return result.Output;
    }

    public async Task<CommandResult> TryAsync(string tool, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(Limit);
        var command = $"{tool} {string.Join(' ', arguments)}";
        try
        {
            await _process.StandardInput.WriteLineAsync(string.Join('\t', arguments.Prepend(Classes[tool])).AsMemory(), limit.Token);
            await _process.StandardInput.FlushAsync(limit.Token);
            List<string> lines = [];
            while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith('\0')) return new(command, int.Parse(line[1..], CultureInfo.InvariantCulture), string.Join('\n', lines), "");
                lines.Add(line);
            }

            Assert.Fail($"{command} ended the JVM:\n{string.Join('\n', lines)}");
        }
        catch (OperationCanceledException)
        {
            // What it still prints is nobody else's answer.
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"{command} did not end within {Limit.TotalSeconds} s.");
        }

        throw new UnreachableException();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _scratch.Dispose();
    }
}
