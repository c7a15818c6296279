using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Network.Tests;

public sealed class FrameTests
{
    [Fact]
    public async Task Answers_a_frame_that_arrives_byte_by_byte()
    {
        await using var server = new TestServer(TestServer.Echo);
        using RawClient client = server.Connect();
        foreach (byte one in RawClient.Frame("hello"u8)) client.Send([one]);
        Assert.Equal("hello"u8.ToArray(), client.ReadFrame());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(65_531)]
    [InlineData(65_532)]
    [InlineData(65_533)]
    [InlineData(1_048_576)]
    [InlineData(9_000_001)]
    public async Task Carries_frames_of_any_size_unchanged(int bytes)
    {
        await using var server = new TestServer(TestServer.Echo);
        using RawClient client = server.Connect();
        byte[] body = new byte[bytes];
        for (int round = 0; round < 3; round++)
        {
            new Random(round).NextBytes(body);
            Task sending = Task.Run(() => client.SendFrame(body));
            Assert.Equal(body, client.ReadFrame());
            await sending;
        }
    }

    [Fact]
    public async Task Cuts_frames_of_mixed_sizes_out_of_one_stream()
    {
        await using var server = new TestServer(TestServer.Echo);
        using RawClient client = server.Connect();
        var random = new Random(7);
        byte[][] bodies = new byte[400][];
        for (int i = 0; i < bodies.Length; i++)
        {
            bodies[i] = new byte[i % 17 == 0 ? random.Next(60_000, 300_000) : random.Next(1, 3_000)];
            random.NextBytes(bodies[i]);
        }
        Task sending = Task.Run(() =>
        {
            foreach (byte[] body in bodies) client.SendFrame(body);
        });
        foreach (byte[] body in bodies) Assert.Equal(body, client.ReadFrame());
        await sending;
    }

    [Theory]
    [InlineData(0, CloseReason.FrameSizeInvalid)]
    [InlineData(-1, CloseReason.FrameSizeInvalid)]
    [InlineData(int.MinValue, CloseReason.FrameSizeInvalid)]
    [InlineData(int.MaxValue, CloseReason.FrameTooLarge)]
    [InlineData(1001, CloseReason.FrameTooLarge)]
    public async Task Closes_on_an_impossible_length_with_one_log_line(int length, CloseReason reason)
    {
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { FrameBytesMax = 1000 });
        using RawClient client = server.Connect();
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        client.Send(prefix);
        Assert.True(client.IsClosedByServer());
        Assert.Equal(reason, server.Handler.NextClose());
        Assert.Single(server.Log.Lines, line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Serves_a_frame_of_exactly_the_largest_size()
    {
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { FrameBytesMax = 1000 });
        using RawClient client = server.Connect();
        client.SendFrame(new byte[1000]);
        Assert.Equal(1000, client.ReadFrame().Length);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\u0016\u0003\u0001\u0000\u0001")]
    public async Task Closes_on_other_protocols_without_harm_to_neighbours(string greeting)
    {
        await using var server = new TestServer(TestServer.Echo);
        using RawClient neighbour = server.Connect();
        using RawClient client = server.Connect();
        client.Send(Encoding.Latin1.GetBytes(greeting));
        Assert.True(client.IsClosedByServer());
        Assert.Equal(CloseReason.FrameTooLarge, server.Handler.NextClose());
        neighbour.SendFrame(1, 2);
        Assert.Equal([1, 2], neighbour.ReadFrame());
    }

    [Fact]
    public async Task A_handler_that_throws_costs_its_own_connection_only()
    {
        await using var server = new TestServer((connection, frame) =>
            frame.Span[0] == 66 ? throw new InvalidOperationException("boom") : TestServer.Echo(connection, frame));
        using RawClient neighbour = server.Connect();
        using RawClient client = server.Connect();
        client.SendFrame(66);
        Assert.True(client.IsClosedByServer());
        Assert.Equal(CloseReason.HandlerFailed, server.Handler.NextClose());
        Assert.Single(server.Log.Lines, line => line.Level == LogLevel.Error);
        neighbour.SendFrame(3);
        Assert.Equal([3], neighbour.ReadFrame());
    }

    [Fact]
    public async Task Reports_a_peer_that_leaves()
    {
        await using var server = new TestServer(TestServer.Echo);
        using (RawClient client = server.Connect())
        {
            client.SendFrame(1);
            client.ReadFrame();
        }
        Assert.Equal(CloseReason.PeerClosed, server.Handler.NextClose());
        Assert.Equal(0, server.Network.ConnectionCount);
    }
}
