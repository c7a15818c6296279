using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Testing;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Groups;

/// <summary>The APIs of groups over a socket, in every version.</summary>
public sealed class GroupApisTests : IAsyncLifetime
{
    private TestBroker _broker = null!;
    private TestClient _client = null!;
    private Uuid _topicId;

    public async Task InitializeAsync()
    {
        _broker = await TestBroker.StartAsync(new Dictionary<string, string>
        {
            ["offsets.topic.num.partitions"] = "3",
            ["offsets.topic.replication.factor"] = "1",
            ["group.initial.rebalance.delay.ms"] = "0",
        });
        _topicId = await _broker.CreateTopicAsync("t");
        _client = await _broker.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Coordinator_is_not_available_until_its_topic_exists()
    {
        FindCoordinatorResponse first = await FindAsync(6, "g");
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, first.Coordinators[0].ErrorCode);
        Assert.Equal(-1, first.Coordinators[0].NodeId);

        FindCoordinatorResponse second = await FindAsync(6, "g", "other");
        Assert.Equal(["g", "other"], second.Coordinators.Select(coordinator => coordinator.Key));
        Assert.All(second.Coordinators, coordinator => Assert.Equal((ErrorCode.None, 1, _broker.Port), (coordinator.ErrorCode, coordinator.NodeId, coordinator.Port)));
        FindCoordinatorResponse old = await FindAsync(3, "g");
        Assert.Equal((ErrorCode.None, "NONE", 1), (old.ErrorCode, old.ErrorMessage, old.NodeId));
    }

    [Fact]
    public async Task Unknown_kinds_of_keys_are_refused_from_version_1_on()
    {
        await FindAsync(6, "g");
        Assert.Equal(ErrorCode.None, (await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { Key = "g" }, 0)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { Key = "g", KeyType = 2 }, 1)).ErrorCode);
        FindCoordinatorResponse share = await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { CoordinatorKeys = ["no share partition"], KeyType = 2 }, 6);
        Assert.Equal(ErrorCode.InvalidRequest, share.Coordinators[0].ErrorCode);
    }

    [Fact]
    public async Task Broker_without_the_topic_is_no_coordinator()
    {
        Assert.Equal(ErrorCode.NotCoordinator, (await CallAsync<HeartbeatRequest, HeartbeatResponse>(new() { GroupId = "g" }, 4)).ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, (await CallAsync<OffsetFetchRequest, OffsetFetchResponse>(new() { GroupId = "g" }, 2)).ErrorCode);
        Assert.Empty((await CallAsync<ListGroupsRequest, ListGroupsResponse>(new(), 5)).Groups);
    }

    [Fact]
    public async Task Answers_fit_every_version()
    {
        await FindAsync(6, "g");
        await CheckAsync<JoinGroupRequest, JoinGroupResponse>(version => new() { GroupId = version % 2 == 0 ? "" : "g", SessionTimeoutMs = 1, Protocols = [new() { Name = "range" }] });
        await CheckAsync<SyncGroupRequest, SyncGroupResponse>(_ => new() { GroupId = "g", MemberId = "m" });
        await CheckAsync<HeartbeatRequest, HeartbeatResponse>(_ => new() { GroupId = "g", MemberId = "m" });
        await CheckAsync<LeaveGroupRequest, LeaveGroupResponse>(version => version < 3 ? new() { GroupId = "g", MemberId = "m" } : new() { GroupId = "g", Members = [new() { MemberId = "m" }] });
        await CheckAsync<DescribeGroupsRequest, DescribeGroupsResponse>(version => new() { Groups = ["g", "h"], IncludeAuthorizedOperations = version >= 3 });
        await CheckAsync<ListGroupsRequest, ListGroupsResponse>(_ => new());
        await CheckAsync<DeleteGroupsRequest, DeleteGroupsResponse>(_ => new() { GroupsNames = ["g", "g", "h"] });
        await CheckAsync<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(_ => new() { GroupId = "g", MemberId = "m", MemberEpoch = 7 });
        await CheckAsync<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(_ => new() { GroupIds = ["g", ""], IncludeAuthorizedOperations = true });
        await CheckAsync<OffsetDeleteRequest, OffsetDeleteResponse>(_ => new() { GroupId = "g", Topics = [new() { Name = "t", Partitions = [new(), new() { PartitionIndex = 5 }] }] });
        await CheckAsync<OffsetCommitRequest, OffsetCommitResponse>(version => new()
        {
            GroupId = "g",
            Topics =
            [
                version >= 10 ? new() { TopicId = _topicId, Partitions = [new() { CommittedMetadata = "" }] } : new() { Name = "t", Partitions = [new() { CommittedMetadata = "" }] },
                version >= 10 ? new() { TopicId = new(9, 9), Partitions = [new()] } : new() { Name = "none", Partitions = [new()] },
            ],
        });
        await CheckAsync<OffsetFetchRequest, OffsetFetchResponse>(Fetch);
    }

    [Fact]
    public async Task Commits_to_what_does_not_exist_are_refused_beside_the_others()
    {
        await FindAsync(6, "g");
        OffsetCommitResponse byName = await CallAsync<OffsetCommitRequest, OffsetCommitResponse>(
            new()
            {
                GroupId = "g",
                Topics = [new() { Name = "none", Partitions = [new() { PartitionIndex = 2 }] }, new() { Name = "t", Partitions = [new() { PartitionIndex = 7 }] }],
            },
            9);
        Assert.Equal([("none", 2), ("t", 7)], byName.Topics.Select(topic => (topic.Name, topic.Partitions[0].PartitionIndex)));
        Assert.All(byName.Topics, topic => Assert.Equal(ErrorCode.UnknownTopicOrPartition, topic.Partitions[0].ErrorCode));

        OffsetCommitResponse byId = await CallAsync<OffsetCommitRequest, OffsetCommitResponse>(
            new() { GroupId = "g", Topics = [new() { TopicId = new(9, 9), Partitions = [new()] }] }, 10);
        Assert.Equal(ErrorCode.UnknownTopicId, byId.Topics[0].Partitions[0].ErrorCode);
        Assert.Equal(new Uuid(9, 9), byId.Topics[0].TopicId);
    }

    private OffsetFetchRequest Fetch(short version) => version switch
    {
        < 8 => new() { GroupId = "g", Topics = [new() { Name = "t", PartitionIndexes = [0] }] },
        < 10 => new() { Groups = [new() { GroupId = "g", Topics = [new() { Name = "t", PartitionIndexes = [0] }] }, new() { GroupId = "h", Topics = null }] },
        _ => new() { Groups = [new() { GroupId = "g", Topics = [new() { TopicId = _topicId, PartitionIndexes = [0] }, new() { TopicId = new(9, 9), PartitionIndexes = [3] }] }] },
    };

    private async Task<FindCoordinatorResponse> FindAsync(short version, params string[] keys)
    {
        FindCoordinatorRequest request = version < 4 ? new() { Key = keys[0] } : new() { CoordinatorKeys = keys };
        FindCoordinatorResponse response = await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(request, version);
        for (int tries = 0; tries < 500 && (await CallAsync<ListGroupsRequest, ListGroupsResponse>(new(), 5)).ErrorCode == ErrorCode.CoordinatorLoadInProgress; tries++)
            await Task.Delay(10);
        return response;
    }

    private async Task CheckAsync<TRequest, TResponse>(Func<short, TRequest> request)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        ApiInfo api = ApiTable.Find(TRequest.ApiKey)!;
        for (short version = api.LowestVersion; version <= api.HighestStableVersion; version++)
            Assert.NotNull(await CallAsync<TRequest, TResponse>(request(version), version));
    }

    private Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse> => _client.CallAsync<TRequest, TResponse>(request, version);
}
