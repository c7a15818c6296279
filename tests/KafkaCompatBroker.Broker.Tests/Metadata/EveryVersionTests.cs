using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Handlers.Security;
using KafkaCompatBroker.Broker.Handlers.Topics;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

/// <summary>Each answer can be written in every version that its handler serves: no field that a version lacks is set.</summary>
public class EveryVersionTests
{
    [Fact]
    public async Task Answers_fit_every_version()
    {
        using AdministrationFixture fixture = await AdministrationFixture.StartAsync();
        await fixture.CreateAsync("t", 2);
        await CheckAsync(new MetadataHandler(fixture.Cluster, fixture.Handlers.Creation), _ => new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = "t" }, new MetadataRequest.MetadataRequestTopic { Name = "no name" }] });
        await CheckAsync(new CreateTopicsHandler(fixture.Shell), version => new CreateTopicsRequest { Topics = [new CreateTopicsRequest.CreatableTopic { Name = $"v{version}", NumPartitions = 1, ReplicationFactor = 1 }, new CreateTopicsRequest.CreatableTopic { Name = "t" }] });
        await CheckAsync(new DeleteTopicsHandler(fixture.Shell), version => new DeleteTopicsRequest { TopicNames = [$"v{version}", "none"] });
        await CheckAsync(new CreatePartitionsHandler(fixture.Shell), version => new CreatePartitionsRequest { Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = "t", Count = 3 + version, Assignments = null }] });
        await CheckAsync(new DescribeTopicPartitionsHandler(fixture.Cluster), _ => new DescribeTopicPartitionsRequest());
        await CheckAsync(new DescribeConfigsHandler(fixture.Cluster, fixture.Loggers), _ => new DescribeConfigsRequest
        {
            Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = 4, ResourceName = "1", ConfigurationKeys = null }, new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = 2, ResourceName = "t" }],
            IncludeSynonyms = true,
        });
        await CheckAsync(new IncrementalAlterConfigsHandler(fixture.Controller, fixture.Loggers), _ => new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new IncrementalAlterConfigsRequest.AlterConfigsResource { ResourceType = 8, ResourceName = "1", Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = "root", Value = "INFO" }] },
                new IncrementalAlterConfigsRequest.AlterConfigsResource { ResourceType = 2, ResourceName = "t" },
            ],
        });
        await CheckAsync(new AlterConfigsHandler(fixture.Shell), _ => new AlterConfigsRequest { Resources = [new AlterConfigsRequest.AlterConfigsResource { ResourceType = 2, ResourceName = "no" }] });
        await CheckAsync(new ListConfigResourcesHandler(fixture.Cluster), _ => new ListConfigResourcesRequest());
        await CheckAsync(new DescribeClusterHandler(fixture.Cluster), _ => new DescribeClusterRequest());
        await CheckAsync(new ElectLeadersHandler(fixture.Shell), version => new ElectLeadersRequest { TimeoutMs = version == 0 ? 0 : 100, TopicPartitions = [new ElectLeadersRequest.TopicPartitionsData { Topic = "t", Partitions = [0] }] });
        await CheckAsync(new UpdateFeaturesHandler(fixture.Shell, fixture), _ => new UpdateFeaturesRequest { FeatureUpdates = [new UpdateFeaturesRequest.FeatureUpdateKey { Feature = "group.version", MaxVersionLevel = 1 }] });
        await CheckAsync(new FindCoordinatorHandler(fixture.Cluster, fixture.Handlers.Creation), _ => new FindCoordinatorRequest { Key = "g", CoordinatorKeys = ["g"] });
        await CheckAsync(new DescribeQuorumHandler(fixture, fixture.Cluster), _ => new DescribeQuorumRequest { Topics = [new DescribeQuorumRequest.TopicData { TopicName = TopicName.ClusterMetadata, Partitions = [new DescribeQuorumRequest.PartitionData()] }] });
        await CheckAsync(new CreateDelegationTokenHandler(), _ => new CreateDelegationTokenRequest());
        await CheckAsync(new DescribeDelegationTokenHandler(), _ => new DescribeDelegationTokenRequest());
        await CheckAsync(new CreateAclsHandler(), _ => new CreateAclsRequest());
        await CheckAsync(new SaslAuthenticateHandler(), _ => new SaslAuthenticateRequest());
        await CheckAsync(new AlterPartitionReassignmentsHandler(fixture.Shell), _ => new AlterPartitionReassignmentsRequest
        {
            Topics = [new AlterPartitionReassignmentsRequest.ReassignableTopic { Name = "t", Partitions = [new AlterPartitionReassignmentsRequest.ReassignablePartition { Replicas = null }] }],
        });
        await CheckAsync(new ListPartitionReassignmentsHandler(fixture.Cluster), _ => new ListPartitionReassignmentsRequest { Topics = null });
        await CheckAsync(new DescribeClientQuotasHandler(fixture.Cluster), version => new DescribeClientQuotasRequest { Components = version == 0 ? [] : [new DescribeClientQuotasRequest.ComponentData { EntityType = "planet", Match = "x" }] });
        await CheckAsync(new DescribeUserScramCredentialsHandler(fixture.Cluster), _ => new DescribeUserScramCredentialsRequest { Users = [new DescribeUserScramCredentialsRequest.UserName { Name = "nobody" }] });
        await CheckAsync(new UnregisterBrokerHandler(fixture.Shell), _ => new UnregisterBrokerRequest { BrokerId = 9 });
    }

    private static async Task CheckAsync<TRequest, TResponse>(IRequestHandler<TRequest, TResponse> handler, Func<short, TRequest> request)
        where TRequest : class, IRequest<TRequest>
        where TResponse : class, IMessage
    {
        ApiInfo api = ApiTable.Find(TRequest.ApiKey)!;
        for (short version = api.LowestVersion; version <= api.HighestStableVersion; version++)
        {
            TResponse response = await handler.HandleAsync(AdministrationFixture.Context(TRequest.ApiKey, version), request(version), default);
            Assert.True(response.Size(version) > 0);
        }
    }
}
