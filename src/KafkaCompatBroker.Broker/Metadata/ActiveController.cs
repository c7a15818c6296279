using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// The active controller, in this process or another, whichever leads at the moment. Others are reached over two connections: the broker's
/// life must not wait behind what it asks for clients. A controller that cannot be reached in time shows as <see cref="TimeoutException"/>
/// in the broker's life and as REQUEST_TIMED_OUT elsewhere.
/// </summary>
/// <param name="local">This node's controller, null when it has none.</param>
/// <param name="lifecycle">For registration and heartbeats.</param>
/// <param name="requests">For the rest.</param>
/// <param name="heartbeatTimeout">Longest wait for an answer about the broker's life.</param>
/// <param name="requestTimeout">Longest wait for other answers.</param>
public sealed class ActiveController(
    LocalController? local, ControllerChannel lifecycle, ControllerChannel requests, TimeSpan heartbeatTimeout, TimeSpan requestTimeout) : IActiveController
{
    public Task<BrokerRegistrationResponse> RegisterAsync(BrokerRegistrationRequest request, CancellationToken token) =>
        lifecycle.CallAsync<BrokerRegistrationRequest, BrokerRegistrationResponse>(request, local is null ? null : local.RegisterAsync, static answer => answer.ErrorCode, heartbeatTimeout, token);

    public Task<ControllerRegistrationResponse> RegisterControllerAsync(ControllerRegistrationRequest request, CancellationToken token) =>
        lifecycle.CallAsync<ControllerRegistrationRequest, ControllerRegistrationResponse>(request, local is null ? null : local.RegisterControllerAsync, static answer => answer.ErrorCode, heartbeatTimeout, token);

    public Task<BrokerHeartbeatResponse> HeartbeatAsync(BrokerHeartbeatRequest request, CancellationToken token) =>
        lifecycle.CallAsync<BrokerHeartbeatRequest, BrokerHeartbeatResponse>(request, local is null ? null : local.HeartbeatAsync, static answer => answer.ErrorCode, heartbeatTimeout, token);

    public Task<AssignReplicasToDirsResponse> AssignReplicasToDirsAsync(AssignReplicasToDirsRequest request, CancellationToken token) =>
        AskAsync<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse>(request, local is null ? null : local.AssignReplicasToDirsAsync, static answer => answer.ErrorCode, new AssignReplicasToDirsResponse { ErrorCode = ErrorCode.RequestTimedOut }, token);

    public Task<AllocateProducerIdsResponse> AllocateProducerIdsAsync(AllocateProducerIdsRequest request, CancellationToken token) =>
        AskAsync<AllocateProducerIdsRequest, AllocateProducerIdsResponse>(request, local is null ? null : local.AllocateProducerIdsAsync, static answer => answer.ErrorCode, new AllocateProducerIdsResponse { ErrorCode = ErrorCode.RequestTimedOut }, token);

    public Task<AlterPartitionResponse> AlterPartitionAsync(AlterPartitionRequest request, CancellationToken token) =>
        AskAsync<AlterPartitionRequest, AlterPartitionResponse>(request, local is null ? null : local.AlterPartitionAsync, static answer => answer.ErrorCode, new AlterPartitionResponse { ErrorCode = ErrorCode.RequestTimedOut }, token);

    public Task<CreateTopicsResponse> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken token) =>
        AskAsync<CreateTopicsRequest, CreateTopicsResponse>(
            request,
            local is null ? null : local.CreateTopicsAsync,
            static answer => answer.Topics.FirstOrDefault()?.ErrorCode ?? ErrorCode.None,
            new CreateTopicsResponse
            {
                Topics = [.. request.Topics.Select(static topic => new CreateTopicsResponse.CreatableTopicResult { Name = topic.Name, ErrorCode = ErrorCode.RequestTimedOut })],
            },
            token);

    public Task<IncrementalAlterConfigsResponse> IncrementalAlterConfigsAsync(IncrementalAlterConfigsRequest request, CancellationToken token) =>
        AskAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
            request,
            local is null ? null : local.IncrementalAlterConfigsAsync,
            static answer => answer.Responses.FirstOrDefault()?.ErrorCode ?? ErrorCode.None,
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

    private async Task<TResponse> AskAsync<TRequest, TResponse>(
        TRequest request, Func<TRequest, CancellationToken, Task<TResponse>>? here, Func<TResponse, ErrorCode> errorOf, TResponse tooLate, CancellationToken token)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        try
        {
            return await requests.CallAsync<TRequest, TResponse>(request, here, errorOf, requestTimeout, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return tooLate;
        }
    }
}
