using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>
/// CreatePartitions (37): raises the number of partitions of topics (KIP-195). INVALID_PARTITIONS when it would not rise,
/// INVALID_REPLICA_ASSIGNMENT for a bad list of replicas; all versions alike.
/// </summary>
public sealed class CreatePartitionsHandler(ControllerShell controller) : IRequestHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.CreatePartitions);

    public async ValueTask<CreatePartitionsResponse> HandleAsync(RequestContext context, CreatePartitionsRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.CreatePartitions(request), token).ConfigureAwait(false);
}
