using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class FollowerFetchesTests
{
    private const int Session = 77;
    private const long BrokerEpoch = 42;
    private const int BackoffMs = 1000;

    private static readonly Uuid TopicId = new(1, 2);

    private readonly FollowerFetches _fetches = new(new(BrokerId: 3, BytesMin: 1, PartitionBytesMax: 1000, BytesMax: 5000, WaitMsMax: 500, BackoffMs));

    [Fact]
    public void First_request_names_everything_and_who_asks()
    {
        _fetches.Follow(new Copy(0) { At = new(2, 10, 4) });
        _fetches.Follow(new Copy(1));

        FetchRequest request = _fetches.Next(BrokerEpoch, 0)!;

        Assert.Equal((3, BrokerEpoch), (request.ReplicaState.ReplicaId, request.ReplicaState.ReplicaEpoch));
        Assert.Equal((0, 0, 500, 1, 5000), (request.SessionId, request.SessionEpoch, request.MaxWaitMs, request.MinBytes, request.MaxBytes));
        FetchRequest.FetchTopic topic = Assert.Single(request.Topics);
        Assert.Equal(TopicId, topic.TopicId);
        Assert.Equal([0, 1], Indexes(request));
        FetchRequest.FetchPartition first = topic.Partitions[0];
        Assert.Equal((10L, 4, 2L, 9, 1000), (first.FetchOffset, first.LastFetchedEpoch, first.LogStartOffset, first.CurrentLeaderEpoch, first.PartitionMaxBytes));
    }

    [Fact]
    public void Requests_of_a_session_name_what_changed()
    {
        Copy moving = new(0);
        _fetches.Follow(moving);
        _fetches.Follow(new Copy(1));
        Exchange();

        moving.At = new(0, 5, 1);
        FetchRequest request = Exchange(asked: 1);
        Assert.Equal((Session, 1), (request.SessionId, request.SessionEpoch));
        Assert.Equal([0], Indexes(request));

        request = Exchange();
        Assert.Equal(2, request.SessionEpoch);
        Assert.Empty(request.Topics);
    }

    [Fact]
    public void What_is_not_followed_any_more_is_forgotten_once()
    {
        _fetches.Follow(new Copy(0));
        _fetches.Follow(new Copy(1));
        Exchange();

        _fetches.Unfollow(new(TopicId, 1));

        Assert.Equal([1], Assert.Single(Exchange().ForgottenTopicsData).Partitions);
        Assert.Empty(Exchange().ForgottenTopicsData);
    }

    [Fact]
    public void New_epoch_is_asked_and_not_forgotten_in_the_same_request()
    {
        _fetches.Follow(new Copy(0));
        Exchange();

        _fetches.Follow(new Copy(0, leaderEpoch: 10));
        FetchRequest request = Exchange();

        Assert.Equal(10, request.Topics[0].Partitions[0].CurrentLeaderEpoch);
        Assert.Empty(request.ForgottenTopicsData);
    }

    [Fact]
    public void Answer_to_an_older_epoch_is_left_out()
    {
        _fetches.Follow(new Copy(0));
        _fetches.Next(BrokerEpoch, 0);

        _fetches.Follow(new Copy(0, leaderEpoch: 10));

        Assert.Empty(Digest(new FetchResponse.PartitionData { HighWatermark = 1 }));
    }

    [Fact]
    public void Answers_become_steps()
    {
        _fetches.Follow(new Copy(0));
        _fetches.Next(BrokerEpoch, 0);

        IReadOnlyList<FollowerStep> steps = Digest(
            new() { PartitionIndex = 0, HighWatermark = 1 },
            new() { PartitionIndex = 0, DivergingEpoch = new() { Epoch = 2, EndOffset = 7 } },
            new() { PartitionIndex = 0, ErrorCode = ErrorCode.OffsetOutOfRange },
            new() { PartitionIndex = 5 });

        Assert.Equal([FollowerStepKind.Append, FollowerStepKind.Truncate, FollowerStepKind.FindOffsets], steps.Select(static step => step.Kind));
    }

    [Theory]
    [InlineData(ErrorCode.FencedLeaderEpoch)]
    [InlineData(ErrorCode.UnknownLeaderEpoch)]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    [InlineData(ErrorCode.UnknownTopicId)]
    [InlineData(ErrorCode.KafkaStorageError)]
    public void Errors_let_the_partition_rest(ErrorCode error)
    {
        _fetches.Follow(new Copy(0));
        _fetches.Follow(new Copy(1));
        _fetches.Next(BrokerEpoch, 0);

        Assert.Equal(FollowerStepKind.Rest, Assert.Single(Digest(new FetchResponse.PartitionData { ErrorCode = error })).Kind);

        FetchRequest others = Exchange(nowMs: BackoffMs - 1);
        Assert.Equal([0], Assert.Single(others.ForgottenTopicsData).Partitions);
        Assert.Equal(BackoffMs, _fetches.NextRetryMs);
        Assert.Equal([0], Indexes(Exchange(nowMs: BackoffMs)));
    }

    [Fact]
    public void Nothing_is_asked_while_everything_rests()
    {
        Copy copy = new(0);
        _fetches.Follow(copy);

        _fetches.Rest(copy, nowMs: 100);
        Assert.Null(_fetches.Next(BrokerEpoch, 200));
        Assert.Equal(100 + BackoffMs, _fetches.NextRetryMs);

        _fetches.Follow(new Copy(0, leaderEpoch: 10));
        Assert.NotNull(_fetches.Next(BrokerEpoch, 200));
    }

    [Fact]
    public void What_is_held_back_leaves_the_session_until_it_may_go_on()
    {
        Copy throttled = new(0);
        _fetches.Follow(throttled);
        _fetches.Follow(new Copy(1));
        Exchange();

        throttled.IsThrottled = true;
        Assert.Equal([0], Assert.Single(Exchange().ForgottenTopicsData).Partitions);
        throttled.IsThrottled = false;
        Assert.Equal([0], Indexes(Exchange()));
    }

    [Fact]
    public void Nothing_is_asked_while_everything_is_held_back()
    {
        _fetches.Follow(new Copy(0) { IsThrottled = true });

        Assert.Null(_fetches.Next(BrokerEpoch, 100));
        Assert.Equal(100 + BackoffMs, _fetches.NextRetryMs);
    }

    [Fact]
    public void Lost_answer_begins_a_new_session_in_the_place_of_the_old()
    {
        _fetches.Follow(new Copy(0));
        Exchange();

        _fetches.Next(BrokerEpoch, 0);
        _fetches.Lost();

        FetchRequest request = _fetches.Next(BrokerEpoch, 0)!;
        Assert.Equal((Session, 0), (request.SessionId, request.SessionEpoch));
        Assert.Equal([0], Indexes(request));
    }

    [Fact]
    public void Refused_session_is_opened_anew_and_a_second_refusal_pauses()
    {
        _fetches.Follow(new Copy(0));
        Exchange();
        _fetches.Next(BrokerEpoch, 0);

        Assert.Empty(_fetches.Digest(new() { ErrorCode = ErrorCode.FetchSessionIdNotFound }, 0, out bool mustPause));
        Assert.False(mustPause);
        FetchRequest request = _fetches.Next(BrokerEpoch, 0)!;
        Assert.Equal((0, 0), (request.SessionId, request.SessionEpoch));
        Assert.Equal([0], Indexes(request));

        _fetches.Digest(new() { ErrorCode = ErrorCode.UnknownServerError }, 0, out mustPause);
        Assert.True(mustPause);
    }

    [Fact]
    public void Leader_without_room_for_a_session_is_asked_everything_each_time()
    {
        _fetches.Follow(new Copy(0));
        Exchange(session: 0);

        Assert.Equal([0], Indexes(Exchange(session: 0)));
    }

    private static int[] Indexes(FetchRequest request) => [.. request.Topics.SelectMany(static topic => topic.Partitions).Select(static one => one.Partition)];

    private FetchRequest Exchange(long nowMs = 0, int session = Session, int asked = -1)
    {
        FetchRequest request = _fetches.Next(BrokerEpoch, nowMs)!;
        if (asked >= 0)
            Assert.Equal(asked, request.Topics.Sum(static topic => topic.Partitions.Length));
        _fetches.Digest(new() { SessionId = session }, nowMs, out bool mustPause);
        Assert.False(mustPause);
        return request;
    }

    private IReadOnlyList<FollowerStep> Digest(params FetchResponse.PartitionData[] partitions) =>
        _fetches.Digest(new() { SessionId = Session, Responses = [new() { TopicId = TopicId, Partitions = partitions }] }, 0, out _);

    private sealed class Copy(int partition, int leaderEpoch = 9) : FollowedReplica(new(FollowerFetchesTests.TopicId, partition), "t", leaderEpoch)
    {
        public FollowerPosition At { get; set; } = new(0, 0, -1);

        public bool IsThrottled { get; set; }

        public override FollowerPosition Position => At;

        public override bool IsHeldBack => IsThrottled;
    }
}
