using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Host;

/// <summary>The first SIGTERM or SIGINT asks for a controlled shutdown; the second ends the process at once.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private const int ExitCodeBase = 128;
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    public ShutdownSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, "SIGTERM", 15));
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, "SIGINT", 2));
    }

    /// <summary>Completes with the name of the first signal.</summary>
    public Task<string> First => _first.Task;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }

    private void Receive(PosixSignalContext context, string name, int number)
    {
        context.Cancel = true;
        if (!_first.TrySetResult(name))
        {
            Environment.Exit(ExitCodeBase + number);
        }
    }
}
