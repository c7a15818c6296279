using System.Net;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// A node's way to the active controller, whichever that is at the moment. A call is tried again while the controller is not known, cannot
/// be reached or has ceased to be active, until its time is over. Any thread.
/// </summary>
public sealed class ControllerChannel(QuorumEndpoints endpoints, int nodeId, string clientId, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);

    // What a controller that was deposed may still need to answer.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private NodeConnection? _connection;

    /// <summary>Asks the active controller.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="here">Asks the controller of this node; null when it has none.</param>
    /// <param name="errorOf">The error in which an answer says NOT_CONTROLLER.</param>
    /// <param name="timeout">Longest wait for the answer.</param>
    /// <param name="token">Gives up at once.</param>
    /// <exception cref="TimeoutException">It could not be reached, or did not answer in time.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        TRequest request, Func<TRequest, CancellationToken, Task<TResponse>>? here, Func<TResponse, ErrorCode> errorOf, TimeSpan timeout, CancellationToken token)
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
                if (here is not null && endpoints.LeaderId == nodeId)
                    return await here(request, token).WaitAsync(token).ConfigureAwait(false);
                Task change = endpoints.LeaderChange;
                if (Connection() is { } connection)
                {
                    TResponse answer = await UnlessDeposedAsync(connection.CallAsync<TRequest, TResponse>(request, left), change, token).ConfigureAwait(false);
                    if (errorOf(answer) != ErrorCode.NotController) return answer;
                }
            }
            catch (Exception cause) when (cause is IOException or WireFormatException or NotLeaderException)
            {
                last = cause;
            }

            await Task.Delay(RetryPause, time, token).ConfigureAwait(false);
        }
    }

    // A controller that is cut off would keep the caller for the whole time, while another already answers.
    private async Task<T> UnlessDeposedAsync<T>(Task<T> answer, Task change, CancellationToken token)
    {
        await Task.WhenAny(answer, change).WaitAsync(token).ConfigureAwait(false);
        if (!answer.IsCompleted) await Task.WhenAny(answer, Task.Delay(LastWords, time, token)).ConfigureAwait(false);
        return answer.IsCompleted ? await answer.ConfigureAwait(false) : throw new IOException("The controller that was asked does not lead any more.");
    }

    public void Dispose()
    {
        lock (_gate) _connection?.Dispose();
    }

    private NodeConnection? Connection()
    {
        lock (_gate)
        {
            if (endpoints.LeaderId == nodeId || endpoints.Leader is not { } address) return null;
            if (_connection is { IsBroken: false } connection && connection.Address.Equals(address)) return connection;
            _connection?.Dispose();
            return _connection = new NodeConnection(address, clientId);
        }
    }
}
