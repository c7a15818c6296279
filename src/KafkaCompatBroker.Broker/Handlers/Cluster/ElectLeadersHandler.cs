using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// ElectLeaders (43): preferred or, from v1, unclean elections (KIP-460). No partitions named means all, of which only those
/// where something happened are reported. ELECTION_NOT_NEEDED where the leader is right; a request without time is REQUEST_TIMED_OUT.
/// </summary>
public sealed class ElectLeadersHandler(ControllerShell controller) : IRequestHandler<ElectLeadersRequest, ElectLeadersResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ElectLeaders);

    public async ValueTask<ElectLeadersResponse> HandleAsync(RequestContext context, ElectLeadersRequest request, CancellationToken token) =>
        request.TimeoutMs <= 0 && request.TopicPartitions is not { Length: 0 }
            ? TimedOut(request, context.ApiVersion)
            : await controller.ExecuteAsync((active, _) => active.ElectLeaders(request), token).ConfigureAwait(false);

    // v0 has no error of its own: each partition carries it.
    private static ElectLeadersResponse TimedOut(ElectLeadersRequest request, short version) => version > 0
        ? new ElectLeadersResponse { ErrorCode = ErrorCode.RequestTimedOut }
        : new ElectLeadersResponse
        {
            ReplicaElectionResults =
            [
                .. (request.TopicPartitions ?? []).Select(static topic => new ElectLeadersResponse.ReplicaElectionResult
                {
                    Topic = topic.Topic,
                    PartitionResult = [.. topic.Partitions.Select(static index => new ElectLeadersResponse.PartitionResultData { PartitionId = index, ErrorCode = ErrorCode.RequestTimedOut })],
                }),
            ],
        };
}
