using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Coordination.Tests.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Quotas;

public class MutationQuotaTests
{
    private const double PerSecond = 2;
    private const long StartMs = 5;

    private static readonly QuotaWindows Windows = new(10, 1000);

    private readonly TokenBucket _bucket = new(Windows);

    [Fact]
    public void A_bucket_is_full_at_first_and_never_holds_more()
    {
        Assert.Equal(20, _bucket.Tokens(PerSecond, StartMs));
        Assert.Equal(20, _bucket.Tokens(PerSecond, StartMs + 60_000));
        _bucket.Take(21, PerSecond, StartMs + 60_000);
        Assert.Equal(500, _bucket.ThrottleMs(PerSecond, StartMs + 60_000));
        Assert.Equal(0, _bucket.ThrottleMs(PerSecond, StartMs + 60_500));
        Assert.Equal(9, _bucket.Tokens(PerSecond, StartMs + 65_000), 6);
    }

    [Fact]
    public void A_clock_that_goes_back_takes_no_tokens()
    {
        _bucket.Take(5, PerSecond, StartMs + 1000);
        Assert.Equal(15, _bucket.Tokens(PerSecond, StartMs));
    }

    [Fact]
    public void Strict_accepts_any_number_until_tokens_are_owed()
    {
        MutationQuota first = new(_bucket, PerSecond, isStrict: true, StartMs);
        Assert.True(first.TryTake(30));
        Assert.Equal(0, first.ThrottleMs);
        Assert.False(first.TryTake(1));
        Assert.Equal(5000, first.ThrottleMs);
        MutationQuota later = new(_bucket, PerSecond, isStrict: true, StartMs + 5000);
        Assert.True(later.TryTake(1));
        Assert.Equal(0, later.ThrottleMs);
    }

    [Fact]
    public void Permissive_accepts_everything_and_throttles()
    {
        MutationQuota quota = new(_bucket, PerSecond, isStrict: false, StartMs);
        Assert.True(quota.TryTake(20));
        Assert.Equal(0, quota.ThrottleMs);
        Assert.True(quota.TryTake(20));
        Assert.Equal(10_000, quota.ThrottleMs);
    }

    [Fact]
    public void Topics_beyond_the_quota_are_refused_one_by_one()
    {
        var fixture = new ControllerFixture();
        MutationQuota quota = new(_bucket, PerSecond, isStrict: true, StartMs);
        CreateTopicsResponse created = fixture.Run(fixture.Controller.CreateTopics(
            new CreateTopicsRequest { Topics = [ControllerFixture.Topic("a", 15), ControllerFixture.Topic("b", 15), ControllerFixture.Topic("c", 15)] }, quota));
        Assert.Equal([ErrorCode.None, ErrorCode.None, ErrorCode.ThrottlingQuotaExceeded], created.Topics.Select(topic => topic.ErrorCode));
        Assert.Null(fixture.Image.Topic("c"));

        CreatePartitionsResponse grown = fixture.Run(fixture.Controller.CreatePartitions(
            new CreatePartitionsRequest { Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = "a", Count = 16, Assignments = null }] }, quota));
        Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, Assert.Single(grown.Results).ErrorCode);
        Assert.Equal(15, fixture.Image.Topic("a")!.Partitions.Length);

        DeleteTopicsResponse deleted = fixture.Run(fixture.Controller.DeleteTopics(new DeleteTopicsRequest { TopicNames = ["a"] }, quota));
        Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, Assert.Single(deleted.Responses).ErrorCode);
        Assert.NotNull(fixture.Image.Topic("a"));
        Assert.Equal(5000, quota.ThrottleMs);
    }

    [Fact]
    public void Requests_that_change_nothing_use_nothing_unless_they_only_validate()
    {
        var fixture = new ControllerFixture();
        fixture.Create("a", 3);
        MutationQuota quota = new(_bucket, PerSecond, isStrict: true, StartMs);
        fixture.Controller.CreateTopics(new CreateTopicsRequest { Topics = [ControllerFixture.Topic("a", 3)] }, quota);
        fixture.Controller.DeleteTopics(new DeleteTopicsRequest { TopicNames = ["other"] }, quota);
        fixture.Controller.CreatePartitions(
            new CreatePartitionsRequest { Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = "a", Count = 3, Assignments = null }] }, quota);
        Assert.Equal(20, _bucket.Tokens(PerSecond, StartMs));
        fixture.Controller.CreateTopics(new CreateTopicsRequest { ValidateOnly = true, Topics = [ControllerFixture.Topic("b", 3)] }, quota);
        Assert.Equal(17, _bucket.Tokens(PerSecond, StartMs));
    }
}
