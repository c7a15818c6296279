using System.Buffers;
using System.Net.Sockets;

namespace KafkaCompatBroker.Network.Tests;

public sealed class BackPressureTests
{
    [Fact]
    public async Task A_client_that_never_reads_is_not_served_beyond_the_unsent_limit()
    {
        const int AnswerBytes = 64 * 1024;
        int handled = 0;
        var options = new NetworkOptions { UnsentBytesMax = 256 * 1024, SendBufferBytes = 64 * 1024 };
        await using var server = new TestServer(
            (connection, _) =>
            {
                Interlocked.Increment(ref handled);
                connection.OpenSlot().Complete(new ResponseFrame(new byte[AnswerBytes]));
                return true;
            },
            options);
        using RawClient client = server.Connect(receiveBufferBytes: 64 * 1024);
        for (int i = 0; i < 500; i++) client.SendFrame(1);
        int settled = await Settled(() => Volatile.Read(ref handled));
        Assert.InRange(settled, 4, 40);

        for (int i = 0; i < 500; i++) Assert.Equal(AnswerBytes, client.ReadFrame().Length);
        Assert.Equal(500, handled);
    }

    [Fact]
    public async Task Reading_stops_at_the_limit_of_requests_in_flight()
    {
        var slots = new System.Collections.Concurrent.ConcurrentQueue<ResponseSlot>();
        await using var server = new TestServer(
            (connection, _) =>
            {
                slots.Enqueue(connection.OpenSlot());
                return true;
            },
            new NetworkOptions { RequestsInFlightMax = 8 });
        using RawClient client = server.Connect();
        for (int i = 0; i < 20; i++) client.SendFrame((byte)i);
        Assert.Equal(8, await Settled(() => slots.Count));
        for (int i = 0; i < 20; i++)
        {
            ResponseSlot? slot = null;
            await Wait.Until(() => slots.TryDequeue(out slot), "a request is read when another completes");
            slot!.Complete(new ResponseFrame(new[] { (byte)i }));
        }
        for (int i = 0; i < 20; i++) Assert.Equal([(byte)i], client.ReadFrame());
    }

    [Fact]
    public async Task A_stalled_peer_is_closed_and_its_leases_are_released()
    {
        var time = new ManualTime();
        var lease = new CountingLease();
        await using var server = new TestServer(
            (connection, _) =>
            {
                connection.OpenSlot().Complete(new ResponseFrame(new byte[8 * 1024 * 1024], lease));
                return true;
            },
            new NetworkOptions { WriteStallMsMax = 5_000, SendBufferBytes = 64 * 1024 },
            time);
        using RawClient client = server.Connect(receiveBufferBytes: 64 * 1024);
        client.SendFrame(1);
        await Wait.Until(() => server.Handler.Opened.Count == 1, "connected");
        client.Read(1);
        for (int i = 0; i < 4; i++) time.Advance(1_000);
        Assert.Equal(0, lease.Disposed);
        await Wait.Until(
            () =>
            {
                time.Advance(1_000);
                return server.Network.ConnectionCount == 0;
            },
            "the stalled peer is closed");
        Assert.Equal(CloseReason.WriteStalled, server.Handler.NextClose());
        await Wait.Until(() => lease.Disposed == 1, "the lease is released");
    }

    [Fact]
    public async Task Leases_are_released_once_after_the_answer_is_sent()
    {
        var lease = new CountingLease();
        await using var server = new TestServer((connection, _) =>
        {
            var frame = new ResponseFrame();
            frame.Add("head"u8.ToArray());
            frame.Add(new byte[3_000_000]);
            frame.Add("tail"u8.ToArray());
            frame.AddLease(lease);
            frame.AddLease(lease);
            connection.OpenSlot().Complete(frame);
            return true;
        });
        using RawClient client = server.Connect();
        client.SendFrame(1);
        byte[] answer = client.ReadFrame();
        Assert.Equal("head"u8.ToArray(), answer[..4]);
        Assert.Equal("tail"u8.ToArray(), answer[^4..]);
        Assert.Equal(3_000_008, answer.Length);
        await Wait.Until(() => lease.Disposed == 2, "both leases are released");
    }

    [Fact]
    public async Task An_answer_that_completes_after_the_close_releases_its_leases()
    {
        var opened = new System.Collections.Concurrent.BlockingCollection<ResponseSlot>();
        await using var server = new TestServer((connection, _) =>
        {
            opened.Add(connection.OpenSlot());
            return true;
        });
        using (RawClient client = server.Connect())
        {
            client.SendFrame(1);
            client.SendFrame(2);
            ResponseSlot first = opened.Take();
            ResponseSlot second = opened.Take();
            var lease = new CountingLease();
            second.Complete(new ResponseFrame(new byte[1], lease));
            client.Dispose();
            server.Handler.NextClose();
            await Wait.Until(() => lease.Disposed == 1, "the waiting answer is dropped");
            first.Complete(new ResponseFrame(new byte[1], lease));
            Assert.Equal(2, lease.Disposed);
        }
    }

    [Fact]
    public async Task Half_read_frames_wait_when_request_memory_is_used_up_and_others_are_served()
    {
        const int Large = 4 * 1024 * 1024;
        var time = new ManualTime();
        await using var server = new TestServer(
            TestServer.Echo,
            new NetworkOptions { RequestMemoryBytesMax = 2 * Large, MemoryWaitMsMax = 5_000, FrameGraceMs = 1_000_000 },
            time);
        using RawClient holder = server.Connect();
        holder.Send(RawClient.Frame(new byte[Large]).AsSpan(..(Large - 10)));
        await Wait.Until(() => server.Network.ReceiveMemoryUsedBytes == Large, "the holder has its memory");
        using RawClient waiter = server.Connect();
        Task sending = SendUntilClosed(waiter, RawClient.Frame(new byte[Large]), Large - 10);
        using RawClient small = server.Connect();
        small.SendFrame(9);
        Assert.Equal([9], small.ReadFrame());
        await Wait.Until(
            () =>
            {
                time.Advance(500);
                return server.Network.ConnectionCount == 2;
            },
            "the waiter is closed instead of allocated for");
        Assert.Equal(CloseReason.RequestMemoryExhausted, server.Handler.NextClose());
        await sending;
        small.SendFrame(8);
        Assert.Equal([8], small.ReadFrame());
    }

    [Fact]
    public async Task Of_two_frames_that_wait_for_each_others_memory_one_is_given_up_and_the_other_served()
    {
        const int Large = 4 * 1024 * 1024;
        const int Unsent = 10;
        var time = new ManualTime();
        await using var server = new TestServer(
            TestServer.Echo,
            new NetworkOptions { RequestMemoryBytesMax = 7 * 1024 * 1024, MemoryWaitMsMax = 5_000, FrameGraceMs = 1_000_000 },
            time);
        byte[] frame = RawClient.Frame(new byte[Large - FrameReader.PrefixBytes]);
        using RawClient one = server.Connect();
        using RawClient other = server.Connect();
        await Wait.Until(() => server.Network.ConnectionCount == 2, "both are connected");
        Task oneSent = SendUntilClosed(one, frame, frame.Length - Unsent);
        Task otherSent = SendUntilClosed(other, frame, frame.Length - Unsent);
        await Wait.Until(
            () =>
            {
                // Slow enough that whoever gets memory has time to take it on a busy machine.
                time.Advance(50);
                return server.Network.ConnectionCount == 1 && server.Network.ReceiveMemoryUsedBytes == Large;
            },
            "one has the memory of both");
        Assert.Equal(CloseReason.RequestMemoryExhausted, server.Handler.NextClose());
        await Task.WhenAll(oneSent, otherSent);
        RawClient served = server.Handler.Opened.First().IsClosed ? other : one;
        served.Send(frame.AsSpan(^Unsent..));
        Assert.Equal(Large - FrameReader.PrefixBytes, served.ReadFrame().Length);
    }

    private static Task SendUntilClosed(RawClient client, byte[] bytes, int count) => Task.Run(() =>
    {
        try
        {
            client.Send(bytes.AsSpan(..count));
        }
        catch (SocketException)
        {
            // The server gave it up, which is a point of these tests.
        }
    });

    private static async Task<int> Settled(Func<int> count)
    {
        int last = -1;
        for (int same = 0; same < 20;)
        {
            int now = count();
            same = now == last && now > 0 ? same + 1 : 0;
            last = now;
            await Task.Delay(10);
        }
        return last;
    }

    private sealed class CountingLease : IDisposable
    {
        private int _disposed;

        public int Disposed => Volatile.Read(ref _disposed);

        public void Dispose() => Interlocked.Increment(ref _disposed);
    }
}
