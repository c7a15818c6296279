using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>One running process of BROKER_HOME, watched through its output. Killed when disposed while it still runs.</summary>
internal sealed partial class BrokerProcess : IAsyncDisposable
{
    private const string ServingLine = "Kafka Server started";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly string _awaited;

    private BrokerProcess(Process process, string awaited) => (_process, _awaited) = (process, awaited);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public IReadOnlyCollection<string> Output => _output;

    public IReadOnlyCollection<string> Errors => _errors;

    private string Everything => string.Join('\n', _output.Concat(_errors));

    /// <summary>Starts a program that becomes a broker, and waits until it serves, or says something else.</summary>
    public static async Task<BrokerProcess> StartAsync(
        string program, IEnumerable<string> arguments, string? workingDirectory = null, string awaited = ServingLine)
    {
        // A test run in the background hands down an ignored SIGINT, which no program is meant to take back.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? Path.GetTempPath(),
        };
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx512M";
        start.Environment["KAFKA_RELEASE"] = "4.4";
        start.Environment["KAFKA_OPTS"] = "-Dkafka.log.level=info";
        var broker = new BrokerProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, awaited);
        broker.Watch();
        var ended = broker._process.WaitForExitAsync();
        var first = await Task.WhenAny(broker._serving.Task, ended, Task.Delay(StartLimit));
        if (first != broker._serving.Task)
        {
            await broker.DisposeAsync();
            Assert.Fail($"The broker {(first == ended ? "ended instead of serving" : "does not serve")}:\n{broker.Everything}");
        }

        return broker;
    }

    /// <summary>Asks for a controlled shutdown and waits for it; anything but exit code 0 fails the test.</summary>
    public async Task StopAsync(int signal = 15)
    {
        Signal(signal);
        Assert.True(await WaitForExitAsync() is 0 or 143, $"The broker ended with {_process.ExitCode}:\n{Everything}");
    }

    /// <summary>The JVM reports the signal (143) where our broker reports success (0).</summary>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Signal(int signal) => Assert.Equal(0, Send(_process.Id, signal));

    /// <summary>Power loss for the process: no shutdown code runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Watch()
    {
        _process.OutputDataReceived += (_, line) => Receive(line.Data, _output);
        _process.ErrorDataReceived += (_, line) => Receive(line.Data, _errors);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Receive(string? line, ConcurrentQueue<string> stream)
    {
        if (line is not null)
        {
            stream.Enqueue(line);
            // The real Kafka of the tests logs to standard error; that ours uses standard output has a test of its own.
            if (line.Contains(_awaited, StringComparison.Ordinal))
            {
                _serving.TrySetResult();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
