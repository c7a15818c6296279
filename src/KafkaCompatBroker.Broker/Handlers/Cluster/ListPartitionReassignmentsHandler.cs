using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>ListPartitionReassignments (46): partitions whose replicas are being moved (KIP-455); null topics mean all.</summary>
public sealed class ListPartitionReassignmentsHandler(ClusterView cluster)
    : IRequestHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ListPartitionReassignments);

    public ValueTask<ListPartitionReassignmentsResponse> HandleAsync(RequestContext context, ListPartitionReassignmentsRequest request, CancellationToken token) =>
        ValueTask.FromResult(OngoingReassignments.List(cluster.Image, request));
}
