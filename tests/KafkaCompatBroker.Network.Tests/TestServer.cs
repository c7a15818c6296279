using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Network.Tests;

/// <summary>A network server on a free port of the loopback interface, whose handler is the test's.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly Meter _meter = new("test");

    public TestServer(
        Func<Connection, ReadOnlyMemory<byte>, bool> onFrame,
        NetworkOptions? options = null,
        TimeProvider? time = null,
        ListenerOptions? listener = null)
    {
        Handler = new TestHandler(onFrame);
        Network = new NetworkServer(options ?? new NetworkOptions(), time ?? TimeProvider.System, _meter, Log);
        Listener = Network.Bind(listener ?? new ListenerOptions { Name = "TEST", Host = "127.0.0.1", Port = 0 }, Handler);
        Listener.Start();
    }

    public TestHandler Handler { get; }

    public NetworkServer Network { get; }

    public TcpListenerLoop Listener { get; }

    public RecordingLog Log { get; } = new();

    /// <summary>Answers each frame with itself.</summary>
    public static bool Echo(Connection connection, ReadOnlyMemory<byte> frame)
    {
        connection.OpenSlot().Complete(new ResponseFrame(frame.ToArray()));
        return true;
    }

    /// <summary>A server that answers nothing by itself: the test completes what was opened.</summary>
    public static TestServer WithOpenSlots(out BlockingCollection<ResponseSlot> opened)
    {
        var slots = new BlockingCollection<ResponseSlot>();
        opened = slots;
        return new TestServer((connection, _) =>
        {
            slots.Add(connection.OpenSlot());
            return true;
        });
    }

    public RawClient Connect(int? receiveBufferBytes = null) => new(Listener.LocalEndPoint, receiveBufferBytes);

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        _meter.Dispose();
    }
}

internal sealed class TestHandler(Func<Connection, ReadOnlyMemory<byte>, bool> onFrame) : IConnectionHandler
{
    private readonly BlockingCollection<CloseReason> _closed = [];

    public ConcurrentQueue<Connection> Opened { get; } = [];

    public Action<Connection>? Opening { get; set; }

    public void OnOpened(Connection connection)
    {
        Opened.Enqueue(connection);
        Opening?.Invoke(connection);
    }

    public bool OnFrame(Connection connection, ReadOnlyMemory<byte> frame) => onFrame(connection, frame);

    public void OnClosed(Connection connection, CloseReason reason) => _closed.Add(reason);

    /// <summary>The reason of the next close, waited for.</summary>
    public CloseReason NextClose() =>
        _closed.TryTake(out CloseReason reason, TimeSpan.FromSeconds(20)) ? reason : throw new TimeoutException("no connection was closed");
}

internal sealed class RecordingLog : ILogger<NetworkServer>
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, formatter(state, exception)));
}

internal static class Wait
{
    /// <summary>Waits for another thread to make something true; the limit only turns a hang into a failure.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        for (int attempt = 0; attempt < 2_000; attempt++)
        {
            if (condition()) return;
            await Task.Delay(10);
        }
        throw new TimeoutException(what);
    }
}
