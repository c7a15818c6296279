using KafkaCompatBroker.Coordination.Quotas;

namespace KafkaCompatBroker.Coordination.Tests.Quotas;

public class UsageRateTests
{
    private const long StartMs = 1_000_000;

    private static readonly QuotaWindows Windows = new(11, 1000);

    [Fact]
    public void Who_has_just_come_may_use_at_once_what_ten_seconds_allow()
    {
        UsageRate rate = new(Windows);
        rate.Add(5000, StartMs);
        Assert.Equal(500, rate.PerSecond(StartMs));
        Assert.Equal(0, rate.ThrottleMs(500, StartMs));
        Assert.Equal(5000, Windows.AtOnceMax(500));
    }

    // Kafka's own figures for its default windows: ten of them pass with usage of 400 each, in the middle of the eleventh come 2300 more.
    [Fact]
    public void The_throttle_brings_the_rate_back_to_the_quota()
    {
        UsageRate rate = new(Windows);
        for (int i = 0; i < 10; i++)
        {
            rate.Add(400, StartMs + (i * 1000));
            Assert.Equal(0, rate.ThrottleMs(500, StartMs + (i * 1000)));
        }

        long nowMs = StartMs + 10_500;
        rate.Add(2300, nowMs);
        Assert.Equal(6300 / 10.5, rate.PerSecond(nowMs), 6);
        Assert.Equal(2100, rate.ThrottleMs(500, nowMs));
    }

    [Fact]
    public void After_the_throttle_the_client_is_within_its_quota()
    {
        UsageRate rate = new(Windows);
        rate.Add(6000, StartMs);
        long throttleMs = rate.ThrottleMs(500, StartMs);
        Assert.Equal(2000, throttleMs);
        Assert.True(rate.PerSecond(StartMs + 10_000 + throttleMs) <= 500);
    }

    [Fact]
    public void Usage_that_is_taken_back_does_not_count()
    {
        UsageRate rate = new(Windows);
        rate.Add(100, StartMs);
        rate.Add(9000, StartMs + 10);
        rate.Add(-9000, StartMs + 10);
        Assert.Equal(0, rate.ThrottleMs(10, StartMs + 10));
        Assert.InRange(rate.PerSecond(StartMs + 10), 9.9, 10);
    }

    [Fact]
    public void What_was_used_long_ago_is_forgotten()
    {
        UsageRate rate = new(Windows);
        rate.Add(1_000_000, StartMs);
        Assert.True(rate.PerSecond(StartMs + 10_999) > 0);
        Assert.Equal(0, rate.PerSecond(StartMs + 11_000));
        rate.Add(500, StartMs + 11_000);
        Assert.Equal(50, rate.PerSecond(StartMs + 11_000));
    }

    [Fact]
    public void A_steady_rate_is_measured_however_long_it_lasts()
    {
        UsageRate rate = new(Windows);
        long nowMs = StartMs;
        for (int i = 0; i < 1000; i++) rate.Add(10, nowMs += 100);
        Assert.InRange(rate.PerSecond(nowMs), 99, 101);
        Assert.Equal(0, rate.ThrottleMs(101, nowMs));
        Assert.True(rate.ThrottleMs(50, nowMs) > 10_000);
    }
}
