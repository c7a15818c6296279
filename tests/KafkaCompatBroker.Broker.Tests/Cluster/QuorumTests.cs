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

    [Fact]
    public async Task Controllers_become_voters_and_cease_to_be()
    {
        await using TestQuorum quorum = await TestQuorum.StartAsync(1, isDynamic: true);
        TestBroker second = quorum.Prepare();
        await second.RunAsync();
        DescribeQuorumResponse.ReplicaState joining = await ObserverAsync(quorum.Nodes[0], 2);
        using TestClient client = await second.ConnectAsync();
        AddRaftVoterRequest add = new()
        {
            ClusterId = quorum.ClusterId,
            TimeoutMs = 10_000,
            VoterId = 2,
            VoterDirectoryId = joining.ReplicaDirectoryId,
            Listeners = [new() { Name = "CONTROLLER", Host = "127.0.0.1", Port = (ushort)second.Server.Endpoints["CONTROLLER"].Port }],
        };
        Assert.Equal(ErrorCode.None, (await client.CallAsync<AddRaftVoterRequest, AddRaftVoterResponse>(add, 1)).ErrorCode);
        Assert.Equal([1, 2], (await DescribeAsync(second)).CurrentVoters.Select(static voter => voter.ReplicaId));
        Assert.Equal(ErrorCode.DuplicateVoter, (await client.CallAsync<AddRaftVoterRequest, AddRaftVoterResponse>(add, 1)).ErrorCode);
        add.ClusterId = "another";
        Assert.Equal(ErrorCode.InconsistentClusterId, (await client.CallAsync<AddRaftVoterRequest, AddRaftVoterResponse>(add, 1)).ErrorCode);
        await second.CreateTopicAsync("of-two");

        DescribeQuorumResponse.ReplicaState first = (await DescribeAsync(second)).CurrentVoters[0];
        RemoveRaftVoterRequest remove = new() { ClusterId = quorum.ClusterId, VoterId = 1, VoterDirectoryId = first.ReplicaDirectoryId };
        Assert.Equal(ErrorCode.None, (await client.CallAsync<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(remove, 0)).ErrorCode);
        await second.CreateTopicAsync("of-one");
        DescribeQuorumResponse.PartitionData alone = await DescribeAsync(second);
        Assert.Equal((2, 2), (alone.LeaderId, Assert.Single(alone.CurrentVoters).ReplicaId));
    }

    [Fact]
    public async Task Controllers_join_by_themselves_when_they_are_told_to()
    {
        Dictionary<string, string> joins = new() { ["controller.quorum.auto.join.enable"] = "true" };
        await using TestQuorum quorum = await TestQuorum.StartAsync(1, isDynamic: true, joins);
        await quorum.Prepare(joins).RunAsync();
        await quorum.Prepare(joins).RunAsync();
        while ((await DescribeAsync(quorum.Nodes[0])).CurrentVoters.Length < 3) await Task.Delay(50);
        await quorum.Nodes[2].CreateTopicAsync("of-three");
    }

    [Fact]
    public async Task A_node_that_comes_after_the_log_was_trimmed_takes_the_snapshot()
    {
        Dictionary<string, string> trimmed = new()
        {
            ["metadata.log.max.record.bytes.between.snapshots"] = "2000",
            ["metadata.log.segment.bytes"] = "8388608",
            ["metadata.max.retention.bytes"] = "10",
            ["controller.quorum.fetch.snapshot.max.bytes"] = "300",
        };
        await using TestQuorum quorum = await TestQuorum.StartAsync(1, isDynamic: true, trimmed);
        for (int index = 0; index < 60; index++) await quorum.Nodes[0].CreateTopicAsync($"topic-{index}");
        string log = Path.Combine(quorum.Nodes[0].Directory, "data", "__cluster_metadata-0");
        while (!Directory.GetFiles(log, "*.checkpoint").All(static file => !file.Contains("00000000000000000000-", StringComparison.Ordinal))) await Task.Delay(50);
        TestBroker late = quorum.Prepare(trimmed);
        await late.RunAsync();
        using TestClient client = await late.ConnectAsync();
        MetadataResponse metadata = await client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = null }, 12);
        Assert.Equal(60, metadata.Topics.Length);
        string copy = Path.Combine(late.Directory, "data", "__cluster_metadata-0");
        Assert.Empty(Directory.GetFiles(copy, "00000000000000000000.log"));
        await late.RestartAsync();
        await late.CreateTopicAsync("after");
    }

    [Fact]
    public async Task Requests_of_strangers_neither_end_a_node_nor_unseat_the_leader()
    {
        await using TestQuorum quorum = await TestQuorum.StartAsync(3, isDynamic: true);
        DescribeQuorumResponse.PartitionData before = await DescribeAsync(quorum.Nodes[0]);
        foreach (TestBroker node in quorum.Nodes)
        {
            using TestClient client = await TestClient.ConnectAsync(node.Server.Endpoints["CONTROLLER"].Port);
            foreach (int epoch in (int[])[int.MinValue, -1, 0, before.LeaderEpoch, before.LeaderEpoch + 1, int.MaxValue])
            {
                BeginQuorumEpochResponse begun = await client.CallAsync<BeginQuorumEpochRequest, BeginQuorumEpochResponse>(
                    new() { ClusterId = quorum.ClusterId, Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { LeaderId = 77, LeaderEpoch = epoch }] }] }, 1);
                Assert.NotEqual(ErrorCode.None, begun.Topics[0].Partitions[0].ErrorCode);
                EndQuorumEpochResponse ended = await client.CallAsync<EndQuorumEpochRequest, EndQuorumEpochResponse>(
                    new() { ClusterId = quorum.ClusterId, Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { LeaderId = 77, LeaderEpoch = epoch }] }] }, 1);
                Assert.NotEqual(ErrorCode.None, ended.Topics[0].Partitions[0].ErrorCode);
            }

            Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<BeginQuorumEpochRequest, BeginQuorumEpochResponse>(new(), 1)).ErrorCode);
            Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<EndQuorumEpochRequest, EndQuorumEpochResponse>(new(), 1)).ErrorCode);
            Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<VoteRequest, VoteResponse>(new(), 2)).ErrorCode);
            Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<FetchSnapshotRequest, FetchSnapshotResponse>(new(), 1)).ErrorCode);
            Assert.Equal(ErrorCode.InconsistentClusterId, (await client.CallAsync<VoteRequest, VoteResponse>(new() { ClusterId = "another" }, 2)).ErrorCode);
            VoteResponse vote = await client.CallAsync<VoteRequest, VoteResponse>(
                new()
                {
                    ClusterId = quorum.ClusterId,
                    Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { ReplicaId = 2, ReplicaEpoch = int.MaxValue, LastOffset = long.MaxValue, LastOffsetEpoch = 5 }] }],
                },
                2);
            Assert.Equal(ErrorCode.InvalidRequest, vote.Topics[0].Partitions[0].ErrorCode);
        }

        DescribeQuorumResponse.PartitionData after = await DescribeAsync(quorum.Nodes[0]);
        Assert.Equal((before.LeaderId, before.LeaderEpoch), (after.LeaderId, after.LeaderEpoch));
    }

    private static async Task<DescribeQuorumResponse.ReplicaState> ObserverAsync(TestBroker node, int id)
    {
        while (true)
        {
            if ((await DescribeAsync(node)).Observers.FirstOrDefault(observer => observer.ReplicaId == id) is { LastCaughtUpTimestamp: > 0 } found) return found;
            await Task.Delay(20);
        }
    }

    private static async Task<DescribeQuorumResponse.PartitionData> DescribeAsync(TestBroker node)
    {
        using TestClient client = await node.ConnectAsync();
        DescribeQuorumResponse answer = await client.CallAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
            new() { Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { PartitionIndex = 0 }] }] }, 2);
        return answer.Topics[0].Partitions[0];
    }
}
