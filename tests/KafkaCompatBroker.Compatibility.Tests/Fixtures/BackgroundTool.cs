using System.Diagnostics;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>A program of Apache Kafka that runs until it is disposed.</summary>
internal sealed class BackgroundTool : IAsyncDisposable
{
    private readonly Process _process;

    private BackgroundTool(Process process) => _process = process;

    public static BackgroundTool Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Requirements.KafkaHome!, "bin", program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx256M";
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new BackgroundTool(process);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
