using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

/// <summary>Requests of the quorum that no honest node sends, some of which end a process of Apache Kafka.</summary>
public class ForgedRequestTests
{
    private const string Log = "__cluster_metadata";
    private const int Stranger = 77;

    private static readonly Uuid OtherDirectory = new(7, 7);

    [Fact]
    public async Task Nothing_that_is_forged_ends_a_node_or_changes_the_quorum()
    {
        await using TestQuorum quorum = await TestQuorum.StartAsync(3, isDynamic: true);
        await quorum.Nodes[0].CreateTopicAsync("before");
        DescribeQuorumResponse.PartitionData before = await DescribeAsync(quorum.Nodes[0]);
        foreach (TestBroker node in quorum.Nodes)
        {
            using TestClient client = await TestClient.ConnectAsync(node.Server.Endpoints["CONTROLLER"].Port);
            await AskForVotesAsync(client, quorum.ClusterId, before);
            await AskForSnapshotsAsync(client, quorum.ClusterId, before.LeaderEpoch);
            await FollowAsync(client, quorum.ClusterId, before.LeaderEpoch);
            await AskForVotersAsync(client, quorum.ClusterId, before);
            await KnockAtClientsDoorAsync(node, quorum.ClusterId);
        }

        DescribeQuorumResponse.PartitionData after = await DescribeAsync(quorum.Nodes[0]);
        Assert.Equal((before.LeaderId, before.LeaderEpoch), (after.LeaderId, after.LeaderEpoch));
        Assert.Equal(before.CurrentVoters.Select(static voter => voter.ReplicaDirectoryId), after.CurrentVoters.Select(static voter => voter.ReplicaDirectoryId));
        Assert.All(quorum.Nodes, static node => Assert.False(node.Server.Failure.IsCompleted));
        await quorum.Nodes[2].CreateTopicAsync("after");
    }

    private static async Task AskForVotesAsync(TestClient client, string clusterId, DescribeQuorumResponse.PartitionData quorum)
    {
        foreach (bool isPreVote in (bool[])[false, true])
        {
            VoteResponse answer = await client.CallAsync<VoteRequest, VoteResponse>(
                new()
                {
                    ClusterId = clusterId,
                    Topics =
                    [
                        new()
                        {
                            TopicName = Log,
                            Partitions =
                            [
                                new()
                                {
                                    ReplicaId = Stranger,
                                    ReplicaDirectoryId = OtherDirectory,
                                    ReplicaEpoch = quorum.LeaderEpoch + 1,
                                    LastOffset = long.MaxValue,
                                    LastOffsetEpoch = quorum.LeaderEpoch,
                                    PreVote = isPreVote,
                                },
                            ],
                        },
                    ],
                },
                2);
            Assert.False(answer.Topics[0].Partitions[0].VoteGranted);
            Assert.Equal(quorum.LeaderEpoch, answer.Topics[0].Partitions[0].LeaderEpoch);
        }

        VoteRequest.TopicData[] many = [.. Enumerable.Range(0, 50_000).Select(static i => new VoteRequest.TopicData { TopicName = Log, Partitions = [new() { PartitionIndex = i }] })];
        Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<VoteRequest, VoteResponse>(new() { ClusterId = clusterId, Topics = many }, 2)).ErrorCode);
        foreach (int leader in quorum.CurrentVoters.Select(static voter => voter.ReplicaId).Where(id => id != quorum.LeaderId))
        {
            BeginQuorumEpochResponse begun = await client.CallAsync<BeginQuorumEpochRequest, BeginQuorumEpochResponse>(
                new() { ClusterId = clusterId, Topics = [new() { TopicName = Log, Partitions = [new() { LeaderId = leader, LeaderEpoch = quorum.LeaderEpoch }] }] }, 1);
            Assert.NotEqual(ErrorCode.None, begun.Topics[0].Partitions[0].ErrorCode);
        }
    }

    private static async Task AskForSnapshotsAsync(TestClient client, string clusterId, int epoch)
    {
        FetchSnapshotRequest.TopicSnapshot[][] odd = [[], [new() { Name = Log }], [new() { Name = "other", Partitions = [new()] }], [new() { Name = Log, Partitions = [new() { Partition = 5 }] }]];
        foreach (FetchSnapshotRequest.TopicSnapshot[] topics in odd)
            Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<FetchSnapshotRequest, FetchSnapshotResponse>(new() { ClusterId = clusterId, Topics = topics }, 1)).ErrorCode);
        foreach ((long offset, long position, int bytesMax) in ((long, long, int)[])[(-1, 0, 1), (long.MaxValue, 0, int.MaxValue), (0, -1, int.MinValue), (0, long.MaxValue, 0)])
        {
            FetchSnapshotResponse answer = await client.CallAsync<FetchSnapshotRequest, FetchSnapshotResponse>(
                new()
                {
                    ClusterId = clusterId,
                    ReplicaId = Stranger,
                    MaxBytes = bytesMax,
                    Topics = [new() { Name = Log, Partitions = [new() { CurrentLeaderEpoch = epoch, Position = position, SnapshotId = new() { EndOffset = offset, Epoch = epoch } }] }],
                },
                1);
            Assert.NotEqual(ErrorCode.None, answer.Topics[0].Partitions[0].ErrorCode);
        }
    }

    private static async Task FollowAsync(TestClient client, string clusterId, int epoch)
    {
        foreach ((int ofLeader, long offset, int lastEpoch) in ((int, long, int)[])[(int.MaxValue, 0, 0), (-1, 0, 0), (epoch, -1, 0), (epoch, long.MinValue, epoch), (epoch, 5, int.MaxValue)])
        {
            FetchResponse answer = await client.CallAsync<FetchRequest, FetchResponse>(
                new()
                {
                    ClusterId = clusterId,
                    MaxWaitMs = 0,
                    ReplicaState = new() { ReplicaId = Stranger },
                    Topics = [new() { TopicId = Uuid.One, Partitions = [new() { CurrentLeaderEpoch = ofLeader, FetchOffset = offset, LastFetchedEpoch = lastEpoch }] }],
                },
                17);
            Assert.NotEqual(ErrorCode.None, answer.Responses[0].Partitions[0].ErrorCode);
        }

        Assert.Equal(ErrorCode.InvalidRequest, (await client.CallAsync<FetchRequest, FetchResponse>(new() { ClusterId = clusterId }, 17)).ErrorCode);
        Assert.Equal(ErrorCode.InconsistentClusterId, (await client.CallAsync<FetchRequest, FetchResponse>(new() { ClusterId = "another" }, 17)).ErrorCode);
    }

    private static async Task AskForVotersAsync(TestClient client, string clusterId, DescribeQuorumResponse.PartitionData quorum)
    {
        UpdateRaftVoterRequest update = new()
        {
            ClusterId = clusterId,
            CurrentLeaderEpoch = quorum.LeaderEpoch,
            VoterId = Stranger,
            VoterDirectoryId = OtherDirectory,
            Listeners = [new() { Name = "CONTROLLER", Host = "stranger", Port = 1 }],
            KRaftVersionFeature = new() { MinSupportedVersion = 0, MaxSupportedVersion = 1 },
        };
        Assert.NotEqual(ErrorCode.None, (await client.CallAsync<UpdateRaftVoterRequest, UpdateRaftVoterResponse>(update, 0)).ErrorCode);
        update.VoterId = quorum.LeaderId;
        Assert.NotEqual(ErrorCode.None, (await client.CallAsync<UpdateRaftVoterRequest, UpdateRaftVoterResponse>(update, 0)).ErrorCode);
        RemoveRaftVoterRequest remove = new() { ClusterId = clusterId, VoterId = quorum.LeaderId, VoterDirectoryId = OtherDirectory };
        Assert.NotEqual(ErrorCode.None, (await client.CallAsync<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(remove, 0)).ErrorCode);
    }

    /// <summary>Clients have no business with the quorum: the connection is closed.</summary>
    private static async Task KnockAtClientsDoorAsync(TestBroker node, string clusterId)
    {
        await RefusedAsync(new VoteRequest { ClusterId = clusterId }, 2);
        await RefusedAsync(new BeginQuorumEpochRequest { ClusterId = clusterId }, 1);
        await RefusedAsync(new EndQuorumEpochRequest { ClusterId = clusterId }, 1);
        await RefusedAsync(new FetchSnapshotRequest { ClusterId = clusterId }, 1);
        await RefusedAsync(new BrokerRegistrationRequest { ClusterId = clusterId, BrokerId = Stranger }, 4);

        async Task RefusedAsync<TRequest>(TRequest request, short version)
            where TRequest : IRequest<TRequest>
        {
            using TestClient client = await node.ConnectAsync();
            await client.SendAsync(request, version);
            Assert.True(await client.IsClosedByBrokerAsync());
        }
    }

    private static async Task<DescribeQuorumResponse.PartitionData> DescribeAsync(TestBroker node)
    {
        using TestClient client = await node.ConnectAsync();
        DescribeQuorumResponse answer = await client.CallAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
            new() { Topics = [new() { TopicName = Log, Partitions = [new() { PartitionIndex = 0 }] }] }, 2);
        return answer.Topics[0].Partitions[0];
    }
}
