using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Handlers.Security;
using KafkaCompatBroker.Broker.Handlers.Topics;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The handlers of metadata and administration that every node has, listed once for each kind of listener.</summary>
public sealed class AdministrationHandlers(ClusterView cluster, IActiveController controller, LoggerConfigs loggers, TimeProvider time)
{
    private readonly TelemetryReception _telemetry = new(cluster);

    /// <summary>Creates topics for those who use them before anybody created them.</summary>
    public TopicCreation Creation { get; } = new(controller, cluster, time);

    /// <summary>Registers what clients of brokers may ask.</summary>
    public HandlerTable AddToBroker(HandlerTable table)
    {
        Creation.Handlers = table;
        return AddCommon(table)
            .Add<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, IncrementalAlterConfigsHandler>(new IncrementalAlterConfigsHandler(controller, loggers))
            .Add<MetadataRequest, MetadataResponse, MetadataHandler>(new MetadataHandler(cluster, Creation))
            .Add<FindCoordinatorRequest, FindCoordinatorResponse, FindCoordinatorHandler>(new FindCoordinatorHandler(cluster, Creation))
            .Add<DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeClientQuotasHandler>(new DescribeClientQuotasHandler(cluster))
            .Add<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, DescribeUserScramCredentialsHandler>(new DescribeUserScramCredentialsHandler(cluster))
            .Add<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, DescribeTopicPartitionsHandler>(new DescribeTopicPartitionsHandler(cluster))
            .Add<ListConfigResourcesRequest, ListConfigResourcesResponse, ListConfigResourcesHandler>(new ListConfigResourcesHandler(cluster))
            .AddHidden<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, GetTelemetrySubscriptionsHandler>(new GetTelemetrySubscriptionsHandler(_telemetry))
            .AddHidden<PushTelemetryRequest, PushTelemetryResponse, PushTelemetryHandler>(new PushTelemetryHandler(_telemetry));
    }

    /// <summary>Registers what administrators may ask a controller (KIP-919).</summary>
    /// <param name="table">The controller's handlers.</param>
    /// <param name="here">The controller of this node: whoever asks a controller directly is not sent on.</param>
    public HandlerTable AddToController(HandlerTable table, IActiveController here) => AddCommon(table)
        .AddActive<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, IncrementalAlterConfigsHandler>(
            new IncrementalAlterConfigsHandler(here, loggers), WholeRequestErrors.To);

    private HandlerTable AddCommon(HandlerTable table) => table
        .Add<DescribeConfigsRequest, DescribeConfigsResponse, DescribeConfigsHandler>(new DescribeConfigsHandler(cluster, loggers))
        .Add<DescribeClusterRequest, DescribeClusterResponse, DescribeClusterHandler>(new DescribeClusterHandler(cluster))
        .Add<DescribeAclsRequest, DescribeAclsResponse, DescribeAclsHandler>(new DescribeAclsHandler())
        .Add<CreateAclsRequest, CreateAclsResponse, CreateAclsHandler>(new CreateAclsHandler())
        .Add<DeleteAclsRequest, DeleteAclsResponse, DeleteAclsHandler>(new DeleteAclsHandler())
        .Add<CreateDelegationTokenRequest, CreateDelegationTokenResponse, CreateDelegationTokenHandler>(new CreateDelegationTokenHandler())
        .Add<RenewDelegationTokenRequest, RenewDelegationTokenResponse, RenewDelegationTokenHandler>(new RenewDelegationTokenHandler())
        .Add<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, ExpireDelegationTokenHandler>(new ExpireDelegationTokenHandler())
        .Add<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, DescribeDelegationTokenHandler>(new DescribeDelegationTokenHandler())
        .Add<SaslHandshakeRequest, SaslHandshakeResponse, SaslHandshakeHandler>(new SaslHandshakeHandler())
        .Add<SaslAuthenticateRequest, SaslAuthenticateResponse, SaslAuthenticateHandler>(new SaslAuthenticateHandler());
}
