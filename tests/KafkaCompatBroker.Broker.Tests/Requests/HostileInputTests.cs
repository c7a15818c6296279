using System.Buffers.Binary;
using System.Net.Sockets;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Network.Tests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Tests.Requests;

/// <summary>What strangers may send to a port, with a well-behaved client beside them (the catalogue of hostile inputs, H01 to H11).</summary>
[Collection(MemoryCollection.Name)]
public sealed class HostileInputTests
{
    [Fact]
    public async Task Random_bytes_on_many_connections_harm_nobody_else()
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient canary = broker.Connect();
        var random = new Random(20);
        for (int connection = 0; connection < 200; connection++)
        {
            using RawClient client = broker.Connect();
            byte[] bytes = new byte[10_000];
            random.NextBytes(bytes);
            // A plausible length in front lets half of them reach the header parser.
            if (connection % 2 == 0) BinaryPrimitives.WriteInt32BigEndian(bytes, random.Next(1, 9_000));
            SendQuietly(client, bytes);
            AskCanary(canary, connection);
        }
    }

    [Fact]
    public async Task Announced_but_unsent_frames_take_no_memory()
    {
        const int Connections = 200;
        await using var broker = new DispatcherFixture(Table());
        using RawClient canary = broker.Connect();
        AskCanary(canary, 0);
        byte[] announcement = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(announcement, 100 * 1024 * 1024);
        var clients = new List<RawClient>();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Connections; i++)
        {
            clients.Add(broker.Connect());
            clients[i].Send(announcement);
        }
        AskCanary(canary, 1);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Connections * 256L * 1024);
        foreach (RawClient client in clients) client.Dispose();
    }

    [Fact]
    public async Task A_header_of_a_million_tagged_fields_is_refused_cheaply()
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient client = broker.Connect();
        using var head = new WireBuffer();
        head.WriteInt16((short)ApiKey.Metadata);
        head.WriteInt16(9);
        head.WriteInt32(1);
        head.WriteString(false, "x");
        head.WriteUnsignedVarint(1_000_000);
        byte[] frame = [.. head.ToArray(), .. new byte[2_000_000]];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        SendQuietly(client, RawClient.Frame(frame));
        Assert.True(client.IsClosedByServer());
        // The test's own copies of the frame are 4 MB, the receive buffers that it grows through 8 MB.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 24_000_000);
    }

    [Fact]
    public async Task A_request_cut_at_any_byte_closes_or_waits_and_never_fails_inside()
    {
        await using var broker = new DispatcherFixture(Table());
        using RawClient canary = broker.Connect();
        using var whole = new WireBuffer();
        whole.WriteInt16((short)ApiKey.Metadata);
        whole.WriteInt16(12);
        whole.WriteInt32(5);
        whole.WriteString(false, "client");
        whole.WriteUnsignedVarint(0);
        new MetadataRequest { Topics = [new() { Name = "orders" }, new() { Name = "payments" }] }.Write(whole, 12);
        byte[] request = whole.ToArray();
        for (int length = 1; length < request.Length; length++)
        {
            using RawClient client = broker.Connect();
            client.SendFrame(request.AsSpan(0, length));
            Assert.True(client.IsClosedByServer());
        }
        AskCanary(canary, 9);
        Assert.DoesNotContain(broker.Lines, line => line.Level == Microsoft.Extensions.Logging.LogLevel.Error);
    }

    private static void AskCanary(RawClient canary, int correlationId)
    {
        canary.Send(new MetadataRequest(), 9, correlationId);
        Assert.Equal(correlationId, canary.Receive<MetadataResponse>(ApiKey.Metadata, 9).CorrelationId);
    }

    private static void SendQuietly(RawClient client, byte[] bytes)
    {
        try
        {
            client.Send(bytes);
        }
        catch (SocketException)
        {
            // Closed while sending: what a refusal looks like from here.
        }
    }

    private static HandlerTable Table() =>
        new HandlerTable(ApiListeners.Broker).Add<MetadataRequest, MetadataResponse, InlineHandler<MetadataRequest, MetadataResponse>>(
            new InlineHandler<MetadataRequest, MetadataResponse>((_, _) => ValueTask.FromResult(new MetadataResponse())));
}

/// <summary>Tests that measure the process's memory run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "measures memory";
}
