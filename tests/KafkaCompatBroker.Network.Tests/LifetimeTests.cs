using System.Collections.Concurrent;
using System.Net.Sockets;

namespace KafkaCompatBroker.Network.Tests;

public sealed class LifetimeTests
{
    [Fact]
    public async Task Idle_connections_are_closed_and_busy_ones_kept()
    {
        var time = new ManualTime();
        var parked = new ConcurrentQueue<ResponseSlot>();
        await using var server = new TestServer(
            (connection, frame) =>
            {
                if (frame.Span[0] != 1) return TestServer.Echo(connection, frame);
                parked.Enqueue(connection.OpenSlot());
                return true;
            },
            new NetworkOptions { IdleMsMax = 10_000 },
            time);
        using RawClient idle = server.Connect();
        using RawClient waiting = server.Connect();
        using RawClient talking = server.Connect();
        waiting.SendFrame(1);
        await Wait.Until(() => parked.Count == 1 && server.Network.ConnectionCount == 3, "all are connected");
        for (int second = 0; second < 12; second++)
        {
            talking.SendFrame(2);
            talking.ReadFrame();
            time.Advance(1_000);
        }
        Assert.True(idle.IsClosedByServer());
        Assert.Equal(CloseReason.Idle, server.Handler.NextClose());
        Assert.Equal(2, server.Network.ConnectionCount);
        Assert.True(parked.TryDequeue(out ResponseSlot? slot));
        slot.Complete(new ResponseFrame(new byte[] { 7 }));
        Assert.Equal([7], waiting.ReadFrame());
    }

    [Fact]
    public async Task A_frame_that_stops_arriving_is_closed_after_its_grace()
    {
        var time = new ManualTime();
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { FrameGraceMs = 10_000 }, time);
        using RawClient client = server.Connect();
        client.Send(RawClient.Frame(new byte[1000]).AsSpan(..50));
        await Wait.Until(() => server.Network.ConnectionCount == 1, "connected");
        await Wait.Until(
            () =>
            {
                time.Advance(1_000);
                return server.Network.ConnectionCount == 0;
            },
            "the slow frame is closed");
        Assert.Equal(CloseReason.FrameTooSlow, server.Handler.NextClose());
    }

    [Fact]
    public async Task Connections_beyond_the_limit_of_an_address_are_closed_at_once()
    {
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { ConnectionsPerAddressMax = 2 });
        using RawClient first = server.Connect();
        using RawClient second = server.Connect();
        await Wait.Until(() => server.Network.ConnectionCount == 2, "two are admitted");
        using (RawClient third = server.Connect()) Assert.True(third.IsClosedByServer());
        first.Dispose();
        server.Handler.NextClose();
        using RawClient fourth = server.Connect();
        fourth.SendFrame(4);
        Assert.Equal([4], fourth.ReadFrame());
    }

    [Fact]
    public async Task An_address_may_have_its_own_limit()
    {
        var options = new NetworkOptions
        {
            ConnectionsPerAddressMax = 0,
            ConnectionsPerAddressOverrides = new Dictionary<string, int> { ["127.0.0.1"] = 1 },
        };
        await using var server = new TestServer(TestServer.Echo, options);
        using RawClient first = server.Connect();
        first.SendFrame(1);
        Assert.Equal([1], first.ReadFrame());
        using RawClient second = server.Connect();
        Assert.True(second.IsClosedByServer());
    }

    [Fact]
    public async Task Limits_change_while_connections_are_open()
    {
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { ConnectionsMax = 1 });
        using RawClient first = server.Connect();
        first.SendFrame(1);
        Assert.Equal([1], first.ReadFrame());
        using RawClient waiting = server.Connect();
        waiting.SendFrame(2);
        server.Network.ChangeLimits(new NetworkOptions { LimitsOfListeners = new Dictionary<string, ListenerLimits> { ["TEST"] = new(3, 100) } });
        Assert.Equal([2], waiting.ReadFrame());

        server.Network.ChangeLimits(new NetworkOptions { ConnectionsPerAddressOverrides = new Dictionary<string, int> { ["localhost"] = 2 } });
        using (RawClient third = server.Connect()) Assert.True(third.IsClosedByServer());
        first.SendFrame(4);
        Assert.Equal([4], first.ReadFrame());

        server.Network.ChangeLimits(new NetworkOptions { ConnectionsPerSecondByAddress = new Dictionary<string, int> { ["127.0.0.1"] = 0 } });
        using (RawClient fourth = server.Connect()) Assert.True(fourth.IsClosedByServer());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connections_beyond_the_broker_or_listener_limit_wait_for_room(bool ofListener)
    {
        await using var server = new TestServer(
            TestServer.Echo,
            new NetworkOptions { ConnectionsMax = ofListener ? int.MaxValue : 1 },
            listener: new ListenerOptions { Name = "L", Host = "127.0.0.1", Port = 0, ConnectionsMax = ofListener ? 1 : int.MaxValue });
        using RawClient first = server.Connect();
        first.SendFrame(1);
        first.ReadFrame();
        using RawClient second = server.Connect();
        second.SendFrame(2);
        Assert.Equal(1, server.Network.ConnectionCount);
        first.Dispose();
        Assert.Equal([2], second.ReadFrame());
    }

    [Fact]
    public async Task New_connections_are_paced_by_the_creation_rate()
    {
        var time = new ManualTime();
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { ConnectionsPerSecondMax = 1 }, time);
        using RawClient first = server.Connect();
        first.SendFrame(1);
        first.ReadFrame();
        using RawClient second = server.Connect();
        second.SendFrame(2);
        await Wait.Until(() => server.Log.Lines.Any(line => line.Text.Contains("CreationRate")), "the second waits");
        Assert.Equal(1, server.Network.ConnectionCount);
        time.Advance(1_000);
        Assert.Equal([2], second.ReadFrame());
    }

    [Fact]
    public async Task Shutdown_finishes_open_requests_and_starts_no_new_ones()
    {
        await using var server = TestServer.WithOpenSlots(out BlockingCollection<ResponseSlot> opened);
        using RawClient idle = server.Connect();
        using RawClient client = server.Connect();
        client.SendFrame(1);
        ResponseSlot slot = opened.Take();
        await Wait.Until(() => server.Network.ConnectionCount == 2, "connected");
        Task stopping = server.Network.StopAsync(TimeSpan.FromSeconds(20));
        Assert.True(idle.IsClosedByServer());
        Assert.Throws<SocketException>(() => server.Connect());
        client.SendFrame(2);
        slot.Complete(new ResponseFrame(new byte[] { 1 }));
        Assert.Equal([1], client.ReadFrame());
        Assert.True(client.IsClosedByServer());
        await stopping;
        Assert.Empty(opened);
    }

    [Fact]
    public async Task Shutdown_cuts_what_does_not_finish()
    {
        await using var server = TestServer.WithOpenSlots(out BlockingCollection<ResponseSlot> opened);
        using RawClient client = server.Connect();
        client.SendFrame(1);
        opened.Take();
        await server.Network.StopAsync(TimeSpan.FromMilliseconds(20));
        Assert.True(client.IsClosedByServer());
        Assert.Equal(CloseReason.Shutdown, server.Handler.NextClose());
    }

    [Fact]
    public async Task Binds_both_address_families_when_no_host_is_named()
    {
        await using var server = new TestServer(TestServer.Echo, listener: new ListenerOptions { Name = "ANY", Port = 0 });
        using RawClient client = server.Connect();
        client.SendFrame(5);
        Assert.Equal([5], client.ReadFrame());
        if (!Socket.OSSupportsIPv6) return;
        using var six = new RawClient(new System.Net.IPEndPoint(System.Net.IPAddress.IPv6Loopback, server.Listener.LocalEndPoint.Port));
        six.SendFrame(6);
        Assert.Equal([6], six.ReadFrame());
    }

    [Fact]
    public async Task Refuses_a_port_that_is_in_use()
    {
        await using var server = new TestServer(TestServer.Echo);
        var taken = new ListenerOptions { Name = "TWICE", Host = "127.0.0.1", Port = server.Listener.LocalEndPoint.Port };
        SocketException exception = Assert.Throws<SocketException>(() => server.Network.Bind(taken, server.Handler));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);
    }

    [Fact]
    public async Task A_parked_request_learns_that_its_connection_is_gone()
    {
        var tokens = new BlockingCollection<CancellationToken>();
        await using var server = new TestServer((connection, _) =>
        {
            connection.OpenSlot();
            tokens.Add(connection.Closed);
            return true;
        });
        RawClient client = server.Connect();
        client.SendFrame(1);
        CancellationToken token = tokens.Take();
        Assert.False(token.IsCancellationRequested);
        client.Dispose();
        await Wait.Until(() => token.IsCancellationRequested, "the token is cancelled");
    }
}
