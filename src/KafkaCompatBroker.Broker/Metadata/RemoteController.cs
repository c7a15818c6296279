using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// The active controller in another process, over two connections: the broker's life must not wait behind what it asks for clients.
/// A controller that cannot be reached in time shows as <see cref="TimeoutException"/> in the broker's life and as REQUEST_TIMED_OUT elsewhere.
/// </summary>
/// <param name="lifecycle">For registration and heartbeats.</param>
/// <param name="requests">For the rest.</param>
/// <param name="heartbeatTimeout">Longest wait for an answer about the broker's life.</param>
/// <param name="requestTimeout">Longest wait for other answers.</param>
public sealed class RemoteController(ControllerChannel lifecycle, ControllerChannel requests, TimeSpan heartbeatTimeout, TimeSpan requestTimeout) : IActiveController
{
    public Task<BrokerRegistrationResponse> RegisterAsync(BrokerRegistrationRequest request, CancellationToken token) =>
        lifecycle.CallAsync<BrokerRegistrationRequest, BrokerRegistrationResponse>(request, Newest<BrokerRegistrationRequest>(), heartbeatTimeout, token);

    public Task<BrokerHeartbeatResponse> HeartbeatAsync(BrokerHeartbeatRequest request, CancellationToken token) =>
        lifecycle.CallAsync<BrokerHeartbeatRequest, BrokerHeartbeatResponse>(request, Newest<BrokerHeartbeatRequest>(), heartbeatTimeout, token);

    public Task<AllocateProducerIdsResponse> AllocateProducerIdsAsync(AllocateProducerIdsRequest request, CancellationToken token) =>
        AskAsync(request, new AllocateProducerIdsResponse { ErrorCode = ErrorCode.RequestTimedOut }, token);

    public Task<CreateTopicsResponse> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken token) =>
        AskAsync(
            request,
            new CreateTopicsResponse
            {
                Topics = [.. request.Topics.Select(static topic => new CreateTopicsResponse.CreatableTopicResult { Name = topic.Name, ErrorCode = ErrorCode.RequestTimedOut })],
            },
            token);

    public Task<IncrementalAlterConfigsResponse> IncrementalAlterConfigsAsync(IncrementalAlterConfigsRequest request, CancellationToken token) =>
        AskAsync(
            request,
            new IncrementalAlterConfigsResponse
            {
                Responses =
                [
                    .. request.Resources.Select(static resource => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
                    {
                        ErrorCode = ErrorCode.RequestTimedOut,
                        ErrorMessage = ErrorCode.RequestTimedOut.Message(),
                        ResourceType = resource.ResourceType,
                        ResourceName = resource.ResourceName,
                    }),
                ],
            },
            token);

    private static short Newest<TRequest>()
        where TRequest : IRequest<TRequest> => ApiVersionRange.Stable(TRequest.ApiKey).Highest;

    private async Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, TResponse tooLate, CancellationToken token)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        try
        {
            return await requests.CallAsync<TRequest, TResponse>(request, Newest<TRequest>(), requestTimeout, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return tooLate;
        }
    }
}
