using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What a controller that is not active answers: NOT_CONTROLLER where the API has its errors.</summary>
internal static class NotControllerAnswers
{
    private static readonly string Text = ErrorCode.NotController.Message();

    public static CreateTopicsResponse To(CreateTopicsRequest request) => new()
    {
        Topics = [.. request.Topics.Select(static topic => new CreateTopicsResponse.CreatableTopicResult { Name = topic.Name, ErrorCode = ErrorCode.NotController, ErrorMessage = Text })],
    };

    public static DeleteTopicsResponse To(DeleteTopicsRequest request) => new()
    {
        Responses =
        [
            .. request.TopicNames.Select(static name => new DeleteTopicsResponse.DeletableTopicResult { Name = name, ErrorCode = ErrorCode.NotController, ErrorMessage = Text }),
            .. request.Topics.Select(static topic => new DeleteTopicsResponse.DeletableTopicResult { Name = topic.Name, TopicId = topic.TopicId, ErrorCode = ErrorCode.NotController, ErrorMessage = Text }),
        ],
    };

    public static CreatePartitionsResponse To(CreatePartitionsRequest request) => new()
    {
        Results = [.. request.Topics.Select(static topic => new CreatePartitionsResponse.CreatePartitionsTopicResult { Name = topic.Name, ErrorCode = ErrorCode.NotController, ErrorMessage = Text })],
    };

    public static AlterConfigsResponse To(AlterConfigsRequest request) => new()
    {
        Responses =
        [
            .. request.Resources.Select(static one => new AlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = ErrorCode.NotController,
                ErrorMessage = Text,
                ResourceType = one.ResourceType,
                ResourceName = one.ResourceName,
            }),
        ],
    };

    public static IncrementalAlterConfigsResponse To(IncrementalAlterConfigsRequest request) => new()
    {
        Responses =
        [
            .. request.Resources.Select(static one => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = ErrorCode.NotController,
                ErrorMessage = Text,
                ResourceType = one.ResourceType,
                ResourceName = one.ResourceName,
            }),
        ],
    };

    public static ElectLeadersResponse To(ElectLeadersRequest request) => new() { ErrorCode = ErrorCode.NotController };

    public static AlterPartitionReassignmentsResponse To(AlterPartitionReassignmentsRequest request) => new() { ErrorCode = ErrorCode.NotController, ErrorMessage = Text };

    public static UnregisterBrokerResponse To(UnregisterBrokerRequest request) => new() { ErrorCode = ErrorCode.NotController, ErrorMessage = Text };

    public static UpdateFeaturesResponse To(UpdateFeaturesRequest request) => new() { ErrorCode = ErrorCode.NotController, ErrorMessage = Text };

    public static AlterPartitionResponse To(AlterPartitionRequest request) => new() { ErrorCode = ErrorCode.NotController };

    public static BrokerRegistrationResponse To(BrokerRegistrationRequest request) => new() { ErrorCode = ErrorCode.NotController };

    public static BrokerHeartbeatResponse To(BrokerHeartbeatRequest request) => new() { ErrorCode = ErrorCode.NotController };

    public static AllocateProducerIdsResponse To(AllocateProducerIdsRequest request) => new() { ErrorCode = ErrorCode.NotController };

    public static ControllerRegistrationResponse To(ControllerRegistrationRequest request) => new() { ErrorCode = ErrorCode.NotController, ErrorMessage = Text };

    public static AssignReplicasToDirsResponse To(AssignReplicasToDirsRequest request) => new() { ErrorCode = ErrorCode.NotController };

    public static UnregisterControllerResponse To(UnregisterControllerRequest request) => new() { ErrorCode = ErrorCode.NotController, ErrorMessage = Text };

    public static AlterClientQuotasResponse To(AlterClientQuotasRequest request) => new()
    {
        Entries =
        [
            .. request.Entries.Select(static entry => new AlterClientQuotasResponse.EntryData
            {
                ErrorCode = ErrorCode.NotController,
                ErrorMessage = Text,
                Entity = [.. entry.Entity.Select(static part => new AlterClientQuotasResponse.EntityData { EntityType = part.EntityType, EntityName = part.EntityName })],
            }),
        ],
    };

    public static AlterUserScramCredentialsResponse To(AlterUserScramCredentialsRequest request) => new()
    {
        Results =
        [
            .. request.Deletions.Select(static one => one.Name).Concat(request.Upsertions.Select(static one => one.Name)).Distinct(StringComparer.Ordinal)
                .Select(static user => new AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult { User = user, ErrorCode = ErrorCode.NotController, ErrorMessage = Text }),
        ],
    };
}
