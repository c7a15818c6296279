using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>Tools that ask what the cluster is.</summary>
[Collection(BrokerCollection.Name)]
public sealed class ClusterToolTests(RunningBroker broker)
{
    [KafkaToolsFact]
    public async Task The_version_tool_finds_every_api_it_asks_for_usable()
    {
        var versions = (await ToolAsync("kafka-broker-api-versions")).Output;
        Assert.StartsWith($"localhost:{broker.Node.Port} (id: 1 rack: null isFenced: false) -> (", versions, StringComparison.Ordinal);
        Assert.Matches(@"Produce\(0\): 0 to 1\d \[usable: 1\d\]", versions);
        Assert.Matches(@"Fetch\(1\): 4 to 1\d \[usable: 1\d\]", versions);
        Assert.Matches(@"CreateTopics\(19\): 2 to 7 \[usable: 7\]", versions);
    }

    [KafkaToolsFact]
    public async Task The_cluster_and_its_quorum_describe_themselves()
    {
        Assert.Contains($"Cluster ID: {BrokerNode.ClusterId}", (await KafkaTools.RunAsync("kafka-cluster", "cluster-id", "--bootstrap-server", broker.Bootstrap)).Output, StringComparison.Ordinal);

        var status = (await ToolAsync("kafka-metadata-quorum", "describe", "--status")).Output;
        Assert.Matches($@"ClusterId:\s+{BrokerNode.ClusterId}", status);
        Assert.Matches(@"LeaderId:\s+1\b", status);
        Assert.Matches(@"MaxFollowerLag:\s+0\b", status);
        Assert.Matches(@"CurrentVoters:\s+\[\{""id"": 1, ", status);

        var controllers = await KafkaTools.RunAsync(
            "kafka-metadata-quorum", "--bootstrap-controller", broker.BootstrapController, "describe", "--replication");
        Assert.Matches(@"^1\s+\S{22}\s+\d+\s+0\s+\d+\s+\d+\s+Leader", controllers.Lines[1]);
    }

    [KafkaToolsFact]
    public async Task The_features_of_the_cluster_are_finalized()
    {
        var features = (await ToolAsync("kafka-features", "describe")).Output;
        Assert.Matches(@"Feature: metadata\.version\s+SupportedMinVersion: 3\.3-IV3\s+SupportedMaxVersion: \S.*FinalizedVersionLevel: \S", features);
        Assert.Matches(@"Feature: kraft\.version\s+SupportedMinVersion: 0\s+SupportedMaxVersion: 1\s+FinalizedVersionLevel: 1", features);
    }

    private Task<CommandResult> ToolAsync(string tool, params string[] arguments) =>
        KafkaTools.RunAsync(tool, ["--bootstrap-server", broker.Bootstrap, .. arguments]);
}
