using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

public class QuorumTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_voters_form_one_cluster_that_outlives_each_leader(bool isDynamic)
    {
        await using TestQuorum quorum = await TestQuorum.StartAsync(3, isDynamic);
        for (int round = 0; round < 3; round++)
        {
            foreach (TestBroker node in quorum.Nodes) await node.CreateTopicAsync($"topic-{round}-{node.Server.NodeId}", partitions: 3);
            int leader = (await DescribeAsync(quorum.Nodes[round])).LeaderId;
            Assert.Equal(3, (await DescribeAsync(quorum.Nodes[round])).CurrentVoters.Length);
            await quorum.Nodes[leader - 1].RestartAsync();
        }

        using TestClient client = await quorum.Nodes[0].ConnectAsync();
        MetadataResponse metadata = await client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = null }, 12);
        Assert.Equal(9, metadata.Topics.Length);
        Assert.All(metadata.Topics, static topic => Assert.Equal([1, 2, 3], topic.Partitions.Select(static partition => partition.ReplicaNodes[0]).Order()));
    }

    private static async Task<DescribeQuorumResponse.PartitionData> DescribeAsync(TestBroker node)
    {
        using TestClient client = await node.ConnectAsync();
        DescribeQuorumResponse answer = await client.CallAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
            new() { Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { PartitionIndex = 0 }] }] }, 2);
        return answer.Topics[0].Partitions[0];
    }
}
