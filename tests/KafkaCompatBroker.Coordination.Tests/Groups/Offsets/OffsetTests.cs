using System.Text;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Offsets;

public sealed class OffsetTests
{
    private static readonly Uuid Topic = new(1, 2);

    private readonly GroupRun _run = new(new GroupSettings
    {
        InitialRebalanceDelayMs = 0,
        OffsetMetadataMaxBytes = 10,
        OffsetsRetentionMs = 100_000,
        OffsetsRetentionCheckIntervalMs = 10_000,
    });

    [Fact]
    public void A_simple_consumer_makes_its_group_by_committing()
    {
        Assert.Equal(ErrorCode.None, Commit("g", 5, metadata: "m"));
        Assert.Equal(("g", "", "Empty", "classic"), _run.List().Select(group => (group.GroupId, group.ProtocolType, group.GroupState, group.GroupType)).Single());
        _run.Reload();
        OffsetFetchResponse.OffsetFetchResponsePartitions found = _run.Fetch("g").Topics.Single().Partitions.Single();
        Assert.Equal((5L, "m", 7, ErrorCode.None), (found.CommittedOffset, found.Metadata, found.CommittedLeaderEpoch, found.ErrorCode));
    }

    [Fact]
    public void Members_of_groups_that_do_not_exist_are_refused_by_version()
    {
        Assert.Equal(ErrorCode.IllegalGeneration, Commit("g", 5, generation: 1, version: 8));
        Assert.Equal(ErrorCode.GroupIdNotFound, Commit("g", 5, generation: 1, version: 9));
        Assert.Empty(_run.List());
    }

    [Fact]
    public void Metadata_that_is_too_large_is_refused_for_its_partition_only()
    {
        OffsetCommitRequest request = Request("g", 5, "too large for it");
        request.Topics[0].Partitions = [.. request.Topics[0].Partitions, new() { PartitionIndex = 1, CommittedOffset = 6 }];
        OffsetCommitResponse answer = _run.Commit(request).Answer;
        Assert.Equal([ErrorCode.OffsetMetadataTooLarge, ErrorCode.None], answer.Topics[0].Partitions.Select(partition => partition.ErrorCode));
        Assert.Equal([1], _run.Fetch("g").Topics[0].Partitions.Select(partition => partition.PartitionIndex));
    }

    [Fact]
    public void A_topic_made_anew_has_no_offsets()
    {
        Commit("g", 5);
        Assert.Equal(5, FetchById(Topic));
        Assert.Equal(-1, FetchById(new Uuid(9, 9)));
        Assert.Equal(5, FetchById(Uuid.Zero));
    }

    [Fact]
    public void A_commit_that_is_not_written_does_not_count()
    {
        Commit("g", 5);
        _run.FailsToAppend = true;
        Assert.True(_run.Commit(Request("g", 6)).IsLost);
        _run.FailsToAppend = false;
        Assert.Equal(5, FetchById(Topic));
    }

    [Fact]
    public void Offsets_of_a_transaction_count_from_its_commit_and_are_unstable_before()
    {
        Commit("g", 5);
        CommitInTransaction("g", 6, producerId: 1);
        OffsetFetchResponse.OffsetFetchResponsePartitions unstable = _run.Fetch("g", requireStable: true).Topics[0].Partitions[0];
        Assert.Equal((-1L, ErrorCode.UnstableOffsetCommit), (unstable.CommittedOffset, unstable.ErrorCode));
        Assert.Equal(5, FetchById(Uuid.Zero));
        _run.Reload();
        _run.Marker(1, isCommit: true);
        Assert.Equal(6, FetchById(Uuid.Zero));
    }

    [Fact]
    public void An_aborted_transaction_changes_nothing()
    {
        CommitInTransaction("g", 6, producerId: 1);
        _run.Marker(1, isCommit: false);
        Assert.Empty(_run.Fetch("g", requireStable: true).Topics);
        Assert.Equal("g", Assert.Single(_run.List()).GroupId);
    }

    [Fact]
    public void A_later_commit_wins_over_a_transaction_that_ends_after_it()
    {
        CommitInTransaction("g", 6, producerId: 1);
        Commit("g", 7);
        _run.Marker(1, isCommit: true);
        Assert.Equal(7, FetchById(Uuid.Zero));
    }

    [Fact]
    public void Deleting_a_group_drops_its_offsets_and_those_of_open_transactions()
    {
        Commit("g", 5);
        CommitInTransaction("g", 6, producerId: 1);
        CommitInTransaction("other", 6, producerId: 1);
        Assert.Equal(ErrorCode.None, _run.Delete("g"));
        _run.Marker(1, isCommit: true);
        Assert.Equal(["other"], _run.List().Select(group => group.GroupId));
        Assert.Empty(_run.Fetch("g").Topics);
        _run.Reload();
        Assert.Equal(["other"], _run.List().Select(group => group.GroupId));
        Assert.Equal(ErrorCode.GroupIdNotFound, _run.Delete("g"));
    }

    [Fact]
    public void A_group_with_many_offsets_is_deleted_by_a_deadline()
    {
        _run.Commit(new OffsetCommitRequest
        {
            GroupId = "g",
            GenerationIdOrMemberEpoch = -1,
            Topics = [new() { Name = "t", Partitions = [.. Enumerable.Range(0, 5_000).Select(index => new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = index })] }],
        });
        Assert.Equal(ErrorCode.None, _run.Delete("g"));
        Assert.Empty(_run.List());
    }

    [Fact]
    public void Offsets_of_a_simple_consumer_expire_by_their_own_age_and_the_group_goes_with_the_last()
    {
        Commit("g", 5, partition: 0);
        _run.Advance(60_000);
        Commit("g", 6, partition: 1);
        _run.Advance(60_000);
        Assert.Equal([1], _run.Fetch("g").Topics[0].Partitions.Select(partition => partition.PartitionIndex));
        _run.Advance(60_000);
        Assert.Empty(_run.List());
        Assert.Null(_run.Log[^1].Value);
    }

    [Fact]
    public void Offsets_of_a_group_age_from_when_it_became_empty_and_never_while_a_transaction_is_open()
    {
        (string memberId, int generation) = JoinAlone("g", "consumer", "t");
        Commit("g", 5, memberId: memberId, generation: generation);
        KeepAlive("g", memberId, generation, 300_000);
        Assert.Single(_run.Fetch("g").Topics);
        _run.Leave("g", new LeaveGroupRequest.MemberIdentity { MemberId = memberId });
        CommitInTransaction("g", 6, producerId: 1);
        _run.Advance(90_000);
        Assert.Single(_run.Fetch("g").Topics);
        _run.Advance(30_000);
        Assert.Single(_run.Fetch("g").Topics);
        _run.Marker(1, isCommit: false);
        _run.Advance(20_000);
        Assert.Empty(_run.Fetch("g").Topics);
    }

    [Fact]
    public void A_stable_group_loses_old_offsets_of_topics_that_it_does_not_read()
    {
        Commit("g", 5, topic: "old");
        Commit("g", 5, topic: "t");
        (string memberId, int generation) = JoinAlone("g", "consumer", "t");
        KeepAlive("g", memberId, generation, 120_000);
        Assert.Equal(["t"], _run.Fetch("g").Topics.Select(topic => topic.Name));
    }

    [Fact]
    public void A_client_of_old_may_say_itself_how_long_its_offset_is_kept()
    {
        OffsetCommitRequest request = Request("g", 5);
        request.RetentionTimeMs = 20_000;
        _run.Commit(request, version: 4);
        _run.Reload();
        _run.Advance(19_000);
        Assert.Single(_run.Fetch("g").Topics);
        _run.Advance(11_000);
        Assert.Empty(_run.Fetch("g").Topics);
    }

    [Fact]
    public void Offsets_go_with_their_topic_but_not_those_of_another_topic_of_that_name()
    {
        Commit("g", 5);
        _run.DeleteTopic(new TopicImage("t", new Uuid(9, 9), []));
        Assert.Single(_run.Fetch("g").Topics);
        _run.DeleteTopic(new TopicImage("t", Topic, []));
        Assert.Empty(_run.Fetch("g").Topics);
    }

    [Fact]
    public void Offsets_of_a_topic_that_a_member_reads_cannot_be_deleted()
    {
        Commit("g", 5, topic: "t");
        Commit("g", 5, topic: "old");
        JoinAlone("g", "consumer", "t");
        Assert.Equal([ErrorCode.GroupSubscribedToTopic, ErrorCode.None], DeleteOffsets("g", "t", "old").Topics.Select(topic => topic.Partitions[0].ErrorCode));
        JoinAlone("c", "connect", "t");
        Assert.Equal(ErrorCode.NonEmptyGroup, DeleteOffsets("c", "t").ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, DeleteOffsets("none", "t").ErrorCode);
    }

    [Fact]
    public void Members_commit_in_their_generation_and_not_while_the_next_one_is_made()
    {
        (string memberId, int generation) = JoinAlone("g", "consumer", "t");
        Assert.Equal(ErrorCode.None, Commit("g", 5, memberId: memberId, generation: generation));
        Assert.Equal(ErrorCode.IllegalGeneration, Commit("g", 5, memberId: memberId, generation: generation + 1));
        Assert.Equal(ErrorCode.UnknownMemberId, Commit("g", 5, memberId: "who", generation: generation));
        Assert.Equal(ErrorCode.UnknownMemberId, Commit("g", 5));
        int next = _run.Join(JoinRequest("g", "consumer", memberId, "t")).Answer.GenerationId;
        Assert.Equal(ErrorCode.RebalanceInProgress, Commit("g", 5, memberId: memberId, generation: next));
    }

    private static OffsetCommitRequest Request(string groupId, long offset, string metadata = "", string topic = "t", int partition = 0) => new()
    {
        GroupId = groupId,
        GenerationIdOrMemberEpoch = -1,
        Topics =
        [
            new()
            {
                Name = topic,
                TopicId = topic == "t" ? Topic : Uuid.Zero,
                Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedLeaderEpoch = 7, CommittedMetadata = metadata }],
            },
        ],
    };

    private static JoinGroupRequest JoinRequest(string groupId, string protocolType, string memberId, string topic)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        return new JoinGroupRequest
        {
            GroupId = groupId,
            MemberId = memberId,
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 20_000,
            ProtocolType = protocolType,

            // A subscription: version 0, one topic, no user data.
            Protocols = [new() { Name = "range", Metadata = new byte[] { 0, 0, 0, 0, 0, 1, 0, (byte)name.Length }.Concat(name).Concat(new byte[] { 255, 255, 255, 255 }).ToArray() }],
        };
    }

    private ErrorCode Commit(
        string groupId, long offset, string metadata = "", string topic = "t", int partition = 0, string memberId = "", int generation = -1, short version = 9)
    {
        OffsetCommitRequest request = Request(groupId, offset, metadata, topic, partition);
        (request.MemberId, request.GenerationIdOrMemberEpoch) = (memberId, generation);
        return _run.Commit(request, version).Answer.Topics[0].Partitions[0].ErrorCode;
    }

    private void CommitInTransaction(string groupId, long offset, long producerId) => Assert.Equal(ErrorCode.None, _run.CommitInTransaction(new TxnOffsetCommitRequest
    {
        GroupId = groupId,
        ProducerId = producerId,
        GenerationIdOrMemberEpoch = -1,
        Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset }] }],
    }).Answer.Topics[0].Partitions[0].ErrorCode);

    private long FetchById(Uuid topicId) => _run.Fetch("g", [new() { Name = "t", TopicId = topicId, PartitionIndexes = [0] }]).Topics[0].Partitions[0].CommittedOffset;

    private OffsetDeleteResponse DeleteOffsets(string groupId, params string[] topics) => _run.Ask<OffsetDeleteResponse>((step, reply) => _run.Shard.OffsetDelete(
        step,
        new GroupClient("client", "/127.0.0.1", 0),
        new OffsetDeleteRequest { GroupId = groupId, Topics = [.. topics.Select(topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic { Name = topic, Partitions = [new() { PartitionIndex = 0 }] })] },
        reply)).Answer;

    private (string MemberId, int Generation) JoinAlone(string groupId, string protocolType, string topic)
    {
        string memberId = _run.Join(JoinRequest(groupId, protocolType, "", topic)).Answer.MemberId;
        GroupReply<JoinGroupResponse> join = _run.Join(JoinRequest(groupId, protocolType, memberId, topic));
        _run.Advance(0);
        int generation = join.Answer.GenerationId;
        _run.Sync(new SyncGroupRequest { GroupId = groupId, MemberId = memberId, GenerationId = generation });
        return (memberId, generation);
    }

    private void KeepAlive(string groupId, string memberId, int generation, long forMs)
    {
        for (long passedMs = 0; passedMs < forMs; passedMs += 5_000)
        {
            Assert.Equal(ErrorCode.None, _run.Heartbeat(groupId, memberId, generation));
            _run.Advance(5_000);
        }
    }
}
