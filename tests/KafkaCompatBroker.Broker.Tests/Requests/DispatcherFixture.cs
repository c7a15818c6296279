using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Network;
using KafkaCompatBroker.Network.Tests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Tests.Requests;

/// <summary>A dispatcher with the test's handlers behind a real listener.</summary>
internal sealed class DispatcherFixture : IAsyncDisposable
{
    private readonly Meter _meter = new("test");
    private readonly TimerQueue _timers = new(TimeProvider.System);
    private readonly NetworkServer _network;
    private readonly TcpListenerLoop _listener;

    public DispatcherFixture(HandlerTable table)
    {
        var log = new RecordingLog<NetworkServer>(Lines);
        _network = new NetworkServer(new NetworkOptions(), TimeProvider.System, _meter, log);
        var identity = new ListenerIdentity("PLAINTEXT", table.Kind, "PLAINTEXT");
        var quotas = new ClientQuotas(new ConfigResolver(new Dictionary<string, string>()).BrokerValues(DynamicBrokerConfigs.None), _timers, TimeProvider.System);
        var dispatcher = new RequestDispatcher(
            table, identity, TimeProvider.System, new RequestMetrics(_meter), quotas, new RecordingLog<RequestDispatcher>(Lines));
        _listener = _network.Bind(new ListenerOptions { Name = "PLAINTEXT", Host = "127.0.0.1", Port = 0 }, dispatcher);
        _listener.Start();
    }

    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = [];

    public RawClient Connect() => new(_listener.LocalEndPoint);

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        _timers.Dispose();
        _meter.Dispose();
    }
}

internal sealed class RecordingLog<T>(ConcurrentQueue<(LogLevel Level, string Text)> lines) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue((logLevel, formatter(state, exception)));
}

/// <summary>A handler that the test writes inline; serves one request of a connection at a time.</summary>
internal sealed class InlineHandler<TRequest, TResponse>(Func<RequestContext, TRequest, ValueTask<TResponse>> handle)
    : IRequestHandler<TRequest, TResponse>
    where TRequest : class, IRequest<TRequest>
    where TResponse : class?, IMessage?
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(TRequest.ApiKey);

    public ValueTask<TResponse> HandleAsync(RequestContext context, TRequest request, CancellationToken token) => handle(context, request);
}

/// <summary>The same, and requests may overlap.</summary>
internal sealed class OverlappingHandler<TRequest, TResponse>(Func<RequestContext, TRequest, ValueTask<TResponse>> handle)
    : IRequestHandler<TRequest, TResponse>
    where TRequest : class, IRequest<TRequest>
    where TResponse : class?, IMessage?
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(TRequest.ApiKey);

    public static bool MayOverlap => true;

    public ValueTask<TResponse> HandleAsync(RequestContext context, TRequest request, CancellationToken token) => handle(context, request);
}

internal static class RequestFrames
{
    /// <summary>Sends a request as a client would.</summary>
    public static void Send<TRequest>(this RawClient client, TRequest request, short version, int correlationId, byte[]? trailing = null)
        where TRequest : IRequest<TRequest>
    {
        using var buffer = new WireBuffer();
        WriteHead(buffer, TRequest.ApiKey, version, correlationId);
        request.Write(buffer, version);
        buffer.WriteRaw(trailing);
        client.SendFrame(buffer.ToArray());
    }

    public static void SendHead(this RawClient client, ApiKey key, short version, int correlationId = 1)
    {
        using var buffer = new WireBuffer();
        WriteHead(buffer, key, version, correlationId);
        client.SendFrame(buffer.ToArray());
    }

    public static (int CorrelationId, TResponse Response) Receive<TResponse>(this RawClient client, ApiKey key, short version)
        where TResponse : IMessage<TResponse>
    {
        var reader = new WireReader(client.ReadFrame());
        int correlationId = reader.ReadInt32();
        if (ApiTable.ResponseHeaderVersion(key, version) > 0) reader.SkipTaggedFields();
        var response = TResponse.Read(ref reader, version);
        Assert.Equal(0, reader.Remaining);
        return (correlationId, response);
    }

    private static void WriteHead(WireBuffer buffer, ApiKey key, short version, int correlationId)
    {
        buffer.WriteInt16((short)key);
        buffer.WriteInt16(version);
        buffer.WriteInt32(correlationId);
        buffer.WriteString(false, "test");
        if (ApiTable.RequestHeaderVersion(key, version) > 1) buffer.WriteUnsignedVarint(0);
    }
}
