using System.Net;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// A broker's way to the active controller, whichever that is at the moment. A call is tried again while the controller is not known or
/// cannot be reached, until its time is over. Any thread.
/// </summary>
public sealed class ControllerChannel(QuorumEndpoints endpoints, string clientId, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private NodeConnection? _connection;

    /// <summary>Asks the active controller.</summary>
    /// <exception cref="TimeoutException">It could not be reached, or did not answer in time.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, short version, TimeSpan timeout, CancellationToken token)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        long startedTicks = time.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            TimeSpan left = timeout - time.GetElapsedTime(startedTicks);
            if (left <= TimeSpan.Zero)
                throw new TimeoutException(last?.Message ?? $"{TRequest.ApiKey}: the active controller is not known", last);
            try
            {
                if (Connection() is { } connection)
                    return await connection.CallAsync<TRequest, TResponse>(request, version, left).WaitAsync(token).ConfigureAwait(false);
            }
            catch (Exception cause) when (cause is IOException or WireFormatException)
            {
                last = cause;
            }
            await Task.Delay(RetryPause, time, token).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_gate) _connection?.Dispose();
    }

    private NodeConnection? Connection()
    {
        lock (_gate)
        {
            if (endpoints.Leader is not { } address) return null;
            if (_connection is { IsBroken: false } connection && connection.Address.Equals(address)) return connection;
            _connection?.Dispose();
            return _connection = new NodeConnection(address, clientId);
        }
    }
}
