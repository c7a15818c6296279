using System.Text;
using KafkaCompatBroker.Host.Logging;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Compatibility.Tests.HostUnits;

public sealed class ConsoleLogTests
{
    [Fact]
    public void An_event_is_one_line_in_Kafkas_layout()
    {
        var output = new MemoryStream();
        using var log = new ConsoleLog(output, new StoppedClock(), LogLevel.Information);
        var logger = log.CreateLogger("kafka.server");
        HostLog.Started(logger, 7);
        logger.LogDebug("hidden");
        logger.LogError(new IOException("first\nsecond"), "broken\r\nbadly");

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        Assert.Equal("[2026-11-21 01:02:03,004] INFO [KafkaRaftServer nodeId=7] Kafka Server started (kafka.server)", lines[0]);
        Assert.Equal("[2026-11-21 01:02:03,004] ERROR broken | badly: System.IO.IOException: first | second (kafka.server)", lines[1]);
        Assert.Equal(("", 3), (lines[2], lines.Length));
    }

    [Fact]
    public void A_closed_output_does_not_stop_the_broker()
    {
        using var log = new ConsoleLog(new ClosedPipe(), new StoppedClock(), LogLevel.Information);
        HostLog.Started(log.CreateLogger("kafka.server"), 1);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 11, 21, 1, 2, 3, 4, TimeSpan.Zero);
    }

    private sealed class ClosedPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
