using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Coordinators;

public sealed class CommitQueueTests
{
    private readonly List<ShardStep> _carriedOut = [];
    private readonly CommitQueue _queue;

    public CommitQueueTests() => _queue = new CommitQueue(_carriedOut.Add);

    [Fact]
    public async Task Steps_are_carried_out_and_answered_in_order_as_the_log_is_committed()
    {
        (ShardStep first, PendingReply<Seen> firstReply) = Add(endOffset: 1, deadlineMs: 10);
        (ShardStep second, PendingReply<Seen> secondReply) = Add(endOffset: 2, deadlineMs: 10);

        _queue.Committed(1);
        Assert.Equal([first], _carriedOut);
        Assert.Equal(ErrorCode.None, (await firstReply.Answer).Error);
        Assert.False(secondReply.Answer.IsCompleted);

        _queue.Committed(2);
        Assert.Equal([first, second], _carriedOut);
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public async Task What_an_overdue_step_wants_done_is_done_when_it_is_committed()
    {
        (ShardStep late, PendingReply<Seen> lateReply) = Add(endOffset: 1, deadlineMs: 10);
        (ShardStep next, PendingReply<Seen> nextReply) = Add(endOffset: 2, deadlineMs: 20);

        _queue.Expire(nowMs: 10);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await lateReply.Answer).Error);
        Assert.False(nextReply.Answer.IsCompleted);
        Assert.Empty(_carriedOut);
        Assert.Equal((1, 20), (_queue.FirstEndOffset, _queue.DeadlineMs));

        _queue.Committed(2);
        Assert.Equal([late, next], _carriedOut);
        Assert.Equal(ErrorCode.None, (await nextReply.Answer).Error);
    }

    [Fact]
    public async Task Nothing_is_carried_out_when_the_broker_leads_no_longer()
    {
        _ = Add(endOffset: 1, deadlineMs: 10);
        (_, PendingReply<Seen> reply) = Add(endOffset: 2, deadlineMs: 20);
        _queue.Expire(nowMs: 10);

        _queue.FailAll(ErrorCode.NotCoordinator);
        Assert.Equal(ErrorCode.NotCoordinator, (await reply.Answer).Error);
        Assert.True(_queue.IsEmpty);
        Assert.Empty(_carriedOut);
    }

    private (ShardStep Step, PendingReply<Seen> Reply) Add(long endOffset, long deadlineMs)
    {
        ShardStep step = new(nowMs: 0, wallClockMs: 0);
        PendingReply<Seen> reply = new();
        step.Answer(reply, new Seen(endOffset));
        step.Then(new Wanted());
        _queue.Add(step, endOffset, deadlineMs);
        return (step, reply);
    }

    private sealed record Wanted : ShardEffect;
}
