using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KafkaCompatBroker.Network.Tests;

public sealed class ReadinessTests
{
    private const byte Routine = 1;

    [Fact]
    public async Task A_connection_of_routine_moves_to_the_patient_thread_and_back()
    {
        var time = new ManualTime();
        var threads = new ConcurrentQueue<string?>();
        await using var server = new TestServer((connection, frame) => Served(connection, frame, threads), time: time);
        using RawClient client = server.Connect();
        foreach (byte kind in (byte[])[Routine, Routine, Routine, 2, Routine, Routine])
        {
            Exchange(client, kind);
            time.Advance(3_000);
        }

        Assert.Equal(["prompt", "prompt", "patient", "patient", "prompt", "prompt"], threads);
    }

    [Fact]
    public async Task Routine_without_pauses_stays_prompt()
    {
        var time = new ManualTime();
        var threads = new ConcurrentQueue<string?>();
        await using var server = new TestServer((connection, frame) => Served(connection, frame, threads), time: time);
        using RawClient client = server.Connect();
        for (int i = 0; i < 10; i++)
        {
            Exchange(client, Routine);
            time.Advance(500);
        }

        Assert.DoesNotContain("patient", threads);
    }

    [Fact]
    public async Task Frames_that_arrive_in_pieces_on_the_patient_thread_are_whole()
    {
        var time = new ManualTime();
        var threads = new ConcurrentQueue<string?>();
        await using var server = new TestServer((connection, frame) => Served(connection, frame, threads), time: time);
        using RawClient client = server.Connect();
        for (int i = 0; i < 20; i++)
        {
            byte[] body = [Routine, .. Enumerable.Repeat((byte)i, 2_000)];
            foreach (byte[] piece in RawClient.Frame(body).Chunk(700)) client.Send(piece);
            Assert.Equal(body, client.ReadFrame());
            time.Advance(2_000);
        }

        Assert.Contains("patient", threads);
    }

    [Fact]
    public async Task Connections_that_come_and_go_leave_their_places_to_others()
    {
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { ListenBacklog = 200 });
        for (int round = 0; round < 5; round++)
        {
            RawClient[] clients = [.. Enumerable.Range(0, 100).Select(_ => server.Connect())];
            foreach (RawClient client in clients) client.SendFrame(7);
            foreach (RawClient client in clients) Assert.Equal([7], client.ReadFrame());
            foreach (RawClient client in clients.Where((_, index) => (index + round) % 3 != 0)) client.Dispose();
            foreach (RawClient client in clients.Where((_, index) => (index + round) % 3 == 0))
            {
                Exchange(client, 8);
                client.Dispose();
            }
        }

        await Wait.Until(() => server.Network.ConnectionCount == 0, "all are closed");
    }

    [Fact]
    public async Task An_end_wakes_those_who_wait_in_either_direction()
    {
        using var answered = new SemaphoreSlim(0);
        await using var server = new TestServer((connection, _) =>
        {
            connection.OpenSlot().Complete(new ResponseFrame(new byte[16 * 1024 * 1024]));
            answered.Release();
            return true;
        });
        using RawClient stalled = server.Connect(receiveBufferBytes: 4_096);
        stalled.SendFrame(1);
        stalled.Send([0, 0, 0, 100, 1]);
        Assert.True(await answered.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(server.Handler.Opened.TryPeek(out Connection? connection));
        connection.Close(CloseReason.ClosedByHandler);
        Assert.Equal(CloseReason.ClosedByHandler, server.Handler.NextClose());
        await Wait.Until(() => server.Network.ReceiveMemoryUsedBytes == 0, "the half-read frame is given back");
    }

    [Fact]
    public async Task An_end_right_behind_a_frame_is_noticed()
    {
        using var mayServe = new ManualResetEventSlim();
        await using var server = new TestServer((connection, frame) =>
        {
            mayServe.Wait();
            return TestServer.Echo(connection, frame);
        });
        RawClient[] clients = [.. Enumerable.Range(0, 40).Select(_ => server.Connect())];
        await Wait.Until(() => server.Network.ConnectionCount == clients.Length, "all are connected");
        // Most of these wait for the threads that serve the first: frame and end are one event then.
        foreach (RawClient client in clients)
        {
            client.SendFrame(3);
            client.Socket.Shutdown(SocketShutdown.Send);
        }

        mayServe.Set();
        foreach (RawClient client in clients)
        {
            Assert.Equal([3], client.ReadFrame());
            Assert.True(client.IsClosedByServer());
            client.Dispose();
        }

        await Wait.Until(() => server.Network.ConnectionCount == 0, "all are closed");
    }

    [Fact]
    public async Task A_connection_that_is_closed_while_it_opens_is_not_counted()
    {
        await using var server = new TestServer(TestServer.Echo);
        server.Handler.Opening = connection => connection.Close(CloseReason.ClosedByHandler);
        using RawClient client = server.Connect();
        Assert.True(client.IsClosedByServer());
        Assert.Equal(CloseReason.ClosedByHandler, server.Handler.NextClose());
        await Wait.Until(() => server.Network.ConnectionCount == 0, "it is gone");
        await server.Network.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task The_portable_transport_serves_the_same()
    {
        await using var server = new TestServer(
            TestServer.Echo, listener: new ListenerOptions { Name = "TEST", Host = "127.0.0.1", Port = 0, Transports = new PortableTransports() });
        using RawClient client = server.Connect();
        byte[] large = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)i)];
        for (int i = 0; i < 3; i++)
        {
            client.SendFrame(large);
            Assert.Equal(large, client.ReadFrame());
            Exchange(client, 5);
        }
    }

    private static bool Served(Connection connection, ReadOnlyMemory<byte> frame, ConcurrentQueue<string?> threads)
    {
        if (frame.Span[0] == Routine) connection.MarkRoutine();
        threads.Enqueue(Thread.CurrentThread.Name == "network-patient" ? "patient" : "prompt");
        return TestServer.Echo(connection, frame);
    }

    private static void Exchange(RawClient client, byte kind)
    {
        client.SendFrame(kind);
        Assert.Equal([kind], client.ReadFrame());
    }

    private sealed class PortableTransports : ITransportFactory
    {
        public ITransport Create(Socket socket, EndPoint remote) => new PlaintextTransport(socket);
    }
}
