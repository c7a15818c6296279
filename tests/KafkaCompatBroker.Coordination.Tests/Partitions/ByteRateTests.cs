using KafkaCompatBroker.Coordination.Partitions;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class ByteRateTests
{
    private readonly ByteRate _rate = new(windows: 3, windowMs: 1000);

    [Fact]
    public void Nothing_counted_is_no_rate() => Assert.Equal(0, _rate.PerSecond(5));

    [Fact]
    public void First_window_counts_whole_however_short_it_is_yet()
    {
        _rate.Add(500, 10_000);

        Assert.Equal(500, _rate.PerSecond(10_000));
        Assert.Equal(500, _rate.PerSecond(11_000));
        Assert.Equal(250, _rate.PerSecond(12_000));
    }

    [Fact]
    public void Windows_are_averaged()
    {
        _rate.Add(500, 10_000);
        _rate.Add(500, 10_999);
        _rate.Add(2000, 11_500);

        Assert.Equal(1500, _rate.PerSecond(12_000));
    }

    [Fact]
    public void Windows_out_of_reach_are_forgotten()
    {
        _rate.Add(500, 10_000);
        _rate.Add(300, 11_000);

        Assert.Equal(800 / 2.999, _rate.PerSecond(12_999), precision: 6);
        Assert.Equal(150, _rate.PerSecond(13_000));
        Assert.Equal(0, _rate.PerSecond(14_000));
    }

    [Fact]
    public void Counting_begins_anew_after_a_long_rest()
    {
        _rate.Add(500, 10_000);
        _rate.Add(700, 60_000);

        Assert.Equal(700, _rate.PerSecond(60_500));
    }
}
