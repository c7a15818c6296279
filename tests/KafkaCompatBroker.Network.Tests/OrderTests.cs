using System.Collections.Concurrent;

namespace KafkaCompatBroker.Network.Tests;

public sealed class OrderTests
{
    [Fact]
    public async Task Answers_leave_in_request_order_when_handlers_complete_in_any_order()
    {
        const int Count = 100;
        var slots = new ConcurrentQueue<(ResponseSlot Slot, byte[] Body)>();
        await using var server = new TestServer((connection, frame) =>
        {
            slots.Enqueue((connection.OpenSlot(), frame.ToArray()));
            return true;
        });
        using RawClient client = server.Connect();
        for (byte i = 0; i < Count; i++) client.SendFrame(i);
        await Wait.Until(() => slots.Count == Count, "all requests are read before any answer");

        (ResponseSlot Slot, byte[] Body)[] shuffled = [.. slots];
        new Random(3).Shuffle(shuffled);
        Parallel.ForEach(shuffled, item => item.Slot.Complete(new ResponseFrame(item.Body)));
        for (byte i = 0; i < Count; i++) Assert.Equal([i], client.ReadFrame());
    }

    [Fact]
    public async Task A_request_without_answer_keeps_its_place_and_sends_nothing()
    {
        await using var server = new TestServer((connection, frame) =>
        {
            ResponseSlot slot = connection.OpenSlot();
            slot.Complete(frame.Span[0] % 2 == 0 ? null : new ResponseFrame(frame.ToArray()));
            return true;
        });
        using RawClient client = server.Connect();
        for (byte i = 0; i < 10; i++) client.SendFrame(i);
        for (byte i = 1; i < 10; i += 2) Assert.Equal([i], client.ReadFrame());
    }

    [Fact]
    public async Task A_refused_frame_is_offered_again_when_earlier_requests_completed()
    {
        ResponseSlot? parked = null;
        int offered = 0;
        await using var server = new TestServer((connection, frame) =>
        {
            if (frame.Span[0] == 1)
            {
                parked = connection.OpenSlot();
                return true;
            }
            Interlocked.Increment(ref offered);
            return connection.OpenRequests == 0 && TestServer.Echo(connection, frame);
        });
        using RawClient client = server.Connect();
        client.Send([.. RawClient.Frame([1]), .. RawClient.Frame([2]), .. RawClient.Frame([3])]);
        await Wait.Until(() => Volatile.Read(ref offered) == 1, "the second request is offered");
        parked!.Complete(new ResponseFrame(new byte[] { 1 }));
        for (byte i = 1; i <= 3; i++) Assert.Equal([i], client.ReadFrame());
        Assert.Equal(3, offered);
    }

    [Fact]
    public async Task A_request_keeps_its_bytes_until_it_completes()
    {
        var held = new ConcurrentQueue<(ResponseSlot Slot, ReadOnlyMemory<byte> Frame)>();
        await using var server = new TestServer((connection, frame) =>
        {
            held.Enqueue((connection.OpenSlot(), frame));
            return true;
        });
        using RawClient client = server.Connect();
        for (byte i = 0; i < 50; i++)
        {
            byte[] body = new byte[20_000];
            Array.Fill(body, i);
            client.SendFrame(body);
        }
        await Wait.Until(() => held.Count == 50, "all requests are read");
        byte expected = 0;
        foreach ((ResponseSlot slot, ReadOnlyMemory<byte> frame) in held)
        {
            Assert.Equal(20_000, frame.Length);
            Assert.False(frame.Span.ContainsAnyExcept(expected++));
            slot.Complete(null);
        }
    }

    [Fact]
    public async Task Close_after_completion_sends_earlier_answers_first_and_reads_no_further_request()
    {
        int handled = 0;
        await using var server = new TestServer((connection, frame) =>
        {
            Interlocked.Increment(ref handled);
            ResponseSlot slot = connection.OpenSlot();
            if (frame.Span[0] == 2) slot.CompleteAndClose(null, CloseReason.ClosedByHandler);
            else slot.Complete(new ResponseFrame(frame.ToArray()));
            return true;
        });
        using RawClient client = server.Connect();
        client.Send([.. RawClient.Frame([1]), .. RawClient.Frame([2]), .. RawClient.Frame([3])]);
        Assert.Equal([1], client.ReadFrame());
        Assert.True(client.IsClosedByServer());
        Assert.Equal(CloseReason.ClosedByHandler, server.Handler.NextClose());
        Assert.Equal(2, handled);
    }

    [Fact]
    public async Task Completing_a_slot_twice_is_a_broken_invariant()
    {
        await using var server = TestServer.WithOpenSlots(out BlockingCollection<ResponseSlot> opened);
        using RawClient client = server.Connect();
        client.SendFrame(1);
        ResponseSlot slot = opened.Take();
        slot.Complete(null);
        Assert.Throws<InvalidOperationException>(() => slot.Complete(null));
    }

    [Fact]
    public async Task A_muted_connection_starts_no_request_until_unmuted()
    {
        int handled = 0;
        await using var server = new TestServer((connection, frame) =>
        {
            Interlocked.Increment(ref handled);
            connection.Mute();
            return TestServer.Echo(connection, frame);
        });
        using RawClient client = server.Connect();
        client.Send([.. RawClient.Frame([1]), .. RawClient.Frame([2])]);
        Assert.Equal([1], client.ReadFrame());
        Assert.True(server.Handler.Opened.TryPeek(out Connection? connection));
        Assert.Equal(1, Volatile.Read(ref handled));
        connection.Unmute();
        Assert.Equal([2], client.ReadFrame());
    }
}
