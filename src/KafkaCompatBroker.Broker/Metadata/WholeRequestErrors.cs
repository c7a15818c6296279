using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What a controller answers that refuses a request as a whole: the error where the API has its errors.</summary>
internal static class WholeRequestErrors
{
    public static CreateTopicsResponse To(CreateTopicsRequest request, ErrorCode code, string text) => new()
    {
        Topics = [.. request.Topics.Select(topic => new CreateTopicsResponse.CreatableTopicResult { Name = topic.Name, ErrorCode = code, ErrorMessage = text })],
    };

    public static DeleteTopicsResponse To(DeleteTopicsRequest request, ErrorCode code, string text) => new()
    {
        Responses =
        [
            .. request.TopicNames.Select(name => new DeleteTopicsResponse.DeletableTopicResult { Name = name, ErrorCode = code, ErrorMessage = text }),
            .. request.Topics.Select(topic => new DeleteTopicsResponse.DeletableTopicResult { Name = topic.Name, TopicId = topic.TopicId, ErrorCode = code, ErrorMessage = text }),
        ],
    };

    public static CreatePartitionsResponse To(CreatePartitionsRequest request, ErrorCode code, string text) => new()
    {
        Results = [.. request.Topics.Select(topic => new CreatePartitionsResponse.CreatePartitionsTopicResult { Name = topic.Name, ErrorCode = code, ErrorMessage = text })],
    };

    public static AlterConfigsResponse To(AlterConfigsRequest request, ErrorCode code, string text) => new()
    {
        Responses =
        [
            .. request.Resources.Select(one => new AlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = code,
                ErrorMessage = text,
                ResourceType = one.ResourceType,
                ResourceName = one.ResourceName,
            }),
        ],
    };

    public static IncrementalAlterConfigsResponse To(IncrementalAlterConfigsRequest request, ErrorCode code, string text) => new()
    {
        Responses =
        [
            .. request.Resources.Select(one => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = code,
                ErrorMessage = text,
                ResourceType = one.ResourceType,
                ResourceName = one.ResourceName,
            }),
        ],
    };

    public static ElectLeadersResponse To(ElectLeadersRequest request, ErrorCode code, string text) => new() { ErrorCode = code };

    public static AlterPartitionReassignmentsResponse To(AlterPartitionReassignmentsRequest request, ErrorCode code, string text) => new() { ErrorCode = code, ErrorMessage = text };

    public static UnregisterBrokerResponse To(UnregisterBrokerRequest request, ErrorCode code, string text) => new() { ErrorCode = code, ErrorMessage = text };

    public static UpdateFeaturesResponse To(UpdateFeaturesRequest request, ErrorCode code, string text) => new() { ErrorCode = code, ErrorMessage = text };

    public static AlterPartitionResponse To(AlterPartitionRequest request, ErrorCode code, string text) => new() { ErrorCode = code };

    public static BrokerRegistrationResponse To(BrokerRegistrationRequest request, ErrorCode code, string text) => new() { ErrorCode = code };

    public static BrokerHeartbeatResponse To(BrokerHeartbeatRequest request, ErrorCode code, string text) => new() { ErrorCode = code };

    public static AllocateProducerIdsResponse To(AllocateProducerIdsRequest request, ErrorCode code, string text) => new() { ErrorCode = code };

    public static ControllerRegistrationResponse To(ControllerRegistrationRequest request, ErrorCode code, string text) => new() { ErrorCode = code, ErrorMessage = text };

    public static AssignReplicasToDirsResponse To(AssignReplicasToDirsRequest request, ErrorCode code, string text) => new() { ErrorCode = code };

    public static UnregisterControllerResponse To(UnregisterControllerRequest request, ErrorCode code, string text) => new() { ErrorCode = code, ErrorMessage = text };

    public static AlterClientQuotasResponse To(AlterClientQuotasRequest request, ErrorCode code, string text) => new()
    {
        Entries =
        [
            .. request.Entries.Select(entry => new AlterClientQuotasResponse.EntryData
            {
                ErrorCode = code,
                ErrorMessage = text,
                Entity = [.. entry.Entity.Select(part => new AlterClientQuotasResponse.EntityData { EntityType = part.EntityType, EntityName = part.EntityName })],
            }),
        ],
    };

    public static AlterUserScramCredentialsResponse To(AlterUserScramCredentialsRequest request, ErrorCode code, string text) => new()
    {
        Results =
        [
            .. request.Deletions.Select(static one => one.Name).Concat(request.Upsertions.Select(static one => one.Name)).Distinct(StringComparer.Ordinal)
                .Select(user => new AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult { User = user, ErrorCode = code, ErrorMessage = text }),
        ],
    };
}
