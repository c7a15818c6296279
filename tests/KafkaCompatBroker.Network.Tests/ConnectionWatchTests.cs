namespace KafkaCompatBroker.Network.Tests;

public sealed class ConnectionWatchTests
{
    private static readonly NetworkOptions Options = new()
    {
        IdleMsMax = 60_000,
        FrameGraceMs = 10_000,
        FrameBytesPerSecondMin = 1024,
        WriteStallMsMax = 30_000,
        MemoryWaitMsMax = 20_000,
    };

    private static readonly ConnectionSample Quiet = new(0, 0, 0, 0, 0, 0, IsReading: true, WaitsForMemory: false);

    [Fact]
    public void A_frame_above_the_slowest_rate_lives()
    {
        var watch = new ConnectionWatch();
        for (int second = 0; second < 60; second++)
        {
            ConnectionSample sample = Quiet with { ReceivedBytes = 1025L * second, PartialFrameBytes = 1 + 1025 * second };
            Assert.Null(watch.Check(sample, second * 1000, Options));
        }
    }

    [Fact]
    public void A_frame_below_the_slowest_rate_dies_after_its_grace()
    {
        var watch = new ConnectionWatch();
        for (int second = 0; second <= 10; second++)
        {
            Assert.Null(watch.Check(Quiet with { ReceivedBytes = second, PartialFrameBytes = 1 + second }, second * 1000, Options));
        }
        Assert.Equal(CloseReason.FrameTooSlow, watch.Check(Quiet with { ReceivedBytes = 11, PartialFrameBytes = 12 }, 11_000, Options));
    }

    [Fact]
    public void A_frame_that_we_do_not_read_is_not_slow()
    {
        var watch = new ConnectionWatch();
        for (int second = 0; second < 50; second++)
        {
            Assert.Null(watch.Check(Quiet with { PartialFrameBytes = 5, IsReading = false }, second * 1000, Options));
        }
    }

    [Fact]
    public void Each_frame_has_its_own_grace()
    {
        var watch = new ConnectionWatch();
        for (int second = 0; second < 50; second++)
        {
            ConnectionSample sample = Quiet with { PartialFrameBytes = 5, FrameCount = second / 5, ReceivedBytes = second };
            Assert.Null(watch.Check(sample, second * 1000, Options));
        }
    }

    [Fact]
    public void A_peer_that_takes_bytes_now_and_then_is_not_stalled()
    {
        var watch = new ConnectionWatch();
        for (int second = 0; second < 200; second++)
        {
            Assert.Null(watch.Check(Quiet with { UnsentBytes = 1000, SentBytes = second / 20 }, second * 1000, Options));
        }
        Assert.Null(watch.Check(Quiet with { UnsentBytes = 1000, SentBytes = 9 }, 210_000, Options));
        Assert.Equal(CloseReason.WriteStalled, watch.Check(Quiet with { UnsentBytes = 1000, SentBytes = 9 }, 241_000, Options));
    }

    [Fact]
    public void Waiting_for_memory_ends()
    {
        var watch = new ConnectionWatch();
        ConnectionSample sample = Quiet with { WaitsForMemory = true, IsReading = false };
        Assert.Null(watch.Check(sample, 0, Options));
        Assert.Null(watch.Check(sample, 20_000, Options));
        Assert.Equal(CloseReason.RequestMemoryExhausted, watch.Check(sample, 20_001, Options));
    }

    [Fact]
    public void A_connection_with_a_parked_request_is_never_idle()
    {
        var watch = new ConnectionWatch();
        for (int minute = 0; minute < 10; minute++) Assert.Null(watch.Check(Quiet with { OpenRequests = 1 }, minute * 60_000L, Options));
        Assert.Null(watch.Check(Quiet, 9 * 60_000L + 60_000, Options));
        Assert.Equal(CloseReason.Idle, watch.Check(Quiet, 9 * 60_000L + 60_001, Options));
    }
}
