using System.Collections.Concurrent;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Network.Tests;
using KafkaCompatBroker.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Tests.Requests;

public sealed class RequestDispatcherTests
{
    [Theory]
    [InlineData(-1, 0)]
    [InlineData(4, 0)]
    [InlineData(200, 0)]
    [InlineData(32767, 0)]
    [InlineData(3, 99)]
    [InlineData(3, -1)]
    [InlineData(60, 0)]
    public async Task Closes_on_an_api_or_version_that_is_not_served_with_one_log_line(short key, short version)
    {
        await using var broker = new DispatcherFixture(MetadataTable((_, _) => ValueTask.FromResult(new MetadataResponse())));
        using RawClient client = broker.Connect();
        client.SendHead((ApiKey)key, version);
        Assert.True(client.IsClosedByServer());
        await Until(() => broker.Lines.Any(line => line.Level == LogLevel.Warning));
        Assert.Single(broker.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0, 3, 0, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 3, 0, 1, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 3, 0, 1, 0, 0, 0, 1, 0 })]
    [InlineData(new byte[] { 0, 3, 0, 1, 0, 0, 0, 1, 0, 9, 65 })]
    [InlineData(new byte[] { 0, 3, 0, 9, 0, 0, 0, 1, 0, 0, 5 })]
    [InlineData(new byte[] { 0, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF })]
    public async Task Closes_on_malformed_bytes_after_the_answers_before_them(byte[] frame)
    {
        await using var broker = new DispatcherFixture(MetadataTable((_, _) => ValueTask.FromResult(new MetadataResponse())));
        using RawClient client = broker.Connect();
        client.Send(new MetadataRequest(), 1, 11);
        client.SendFrame(frame);
        Assert.Equal(11, client.Receive<MetadataResponse>(ApiKey.Metadata, 1).CorrelationId);
        Assert.True(client.IsClosedByServer());
        Assert.DoesNotContain(broker.Lines, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Ignores_bytes_behind_the_body()
    {
        await using var broker = new DispatcherFixture(MetadataTable((_, _) => ValueTask.FromResult(new MetadataResponse())));
        using RawClient client = broker.Connect();
        client.Send(new MetadataRequest(), 1, 3, trailing: [0xCA, 0xFE]);
        Assert.Equal(3, client.Receive<MetadataResponse>(ApiKey.Metadata, 1).CorrelationId);
    }

    [Fact]
    public async Task Tells_the_handler_who_asks()
    {
        var contexts = new BlockingCollection<RequestContext>();
        await using var broker = new DispatcherFixture(MetadataTable((context, _) =>
        {
            contexts.Add(context);
            return ValueTask.FromResult(new MetadataResponse());
        }));
        using RawClient client = broker.Connect();
        client.Send(new MetadataRequest(), 9, 77);
        RequestContext context = contexts.Take();
        Assert.Equal((ApiKey.Metadata, 9, 77, "test"), (context.ApiKey, (int)context.ApiVersion, context.CorrelationId, context.ClientId));
        Assert.Equal(("User:ANONYMOUS", "PLAINTEXT", "127.0.0.1"), (context.Principal.ToString(), context.ListenerName, context.ClientHost));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failing_handler_costs_its_connection_and_one_error_line(bool later)
    {
        await using var broker = new DispatcherFixture(MetadataTable(async (_, request) =>
        {
            if (later) await Task.Yield();
            return request.AllowAutoTopicCreation ? throw new InvalidOperationException("boom") : new MetadataResponse();
        }));
        using RawClient neighbour = broker.Connect();
        using RawClient client = broker.Connect();
        client.Send(new MetadataRequest { AllowAutoTopicCreation = true }, 9, 1);
        Assert.True(client.IsClosedByServer());
        Assert.Single(broker.Lines, line => line.Level == LogLevel.Error);
        neighbour.Send(new MetadataRequest { AllowAutoTopicCreation = false }, 9, 2);
        Assert.Equal(2, neighbour.Receive<MetadataResponse>(ApiKey.Metadata, 9).CorrelationId);
    }

    [Fact]
    public async Task A_handler_may_close_the_connection_without_an_error_line()
    {
        await using var broker = new DispatcherFixture(MetadataTable((_, _) => throw new CloseConnectionException("as Kafka does")));
        using RawClient client = broker.Connect();
        client.Send(new MetadataRequest(), 9, 1);
        Assert.True(client.IsClosedByServer());
        Assert.DoesNotContain(broker.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Requests_that_may_overlap_start_in_order_and_are_answered_in_order()
    {
        var started = new BlockingCollection<TaskCompletionSource<ProduceResponse?>>();
        await using var broker = new DispatcherFixture(ProduceTable(started, new BlockingCollection<bool>()));
        using RawClient client = broker.Connect();
        for (int i = 0; i < 3; i++) client.Send(new ProduceRequest { Acks = -1 }, 9, i);
        TaskCompletionSource<ProduceResponse?>[] parked = [started.Take(), started.Take(), started.Take()];
        parked[2].SetResult(new ProduceResponse());
        parked[1].SetResult(null);
        parked[0].SetResult(new ProduceResponse());
        Assert.Equal(0, client.Receive<ProduceResponse>(ApiKey.Produce, 9).CorrelationId);
        Assert.Equal(2, client.Receive<ProduceResponse>(ApiKey.Produce, 9).CorrelationId);
    }

    [Fact]
    public async Task A_request_that_must_not_overlap_waits_for_all_before_it()
    {
        var started = new BlockingCollection<TaskCompletionSource<ProduceResponse?>>();
        var metadata = new BlockingCollection<bool>();
        await using var broker = new DispatcherFixture(ProduceTable(started, metadata));
        using RawClient client = broker.Connect();
        client.Send(new ProduceRequest { Acks = -1 }, 9, 0);
        client.Send(new MetadataRequest(), 9, 1);
        client.Send(new ProduceRequest { Acks = -1 }, 9, 2);
        TaskCompletionSource<ProduceResponse?> first = started.Take();
        await Task.Delay(30);
        Assert.Empty(metadata);
        Assert.Empty(started);
        first.SetResult(new ProduceResponse());
        Assert.True(metadata.Take());
        started.Take().SetResult(new ProduceResponse());
        Assert.Equal(0, client.Receive<ProduceResponse>(ApiKey.Produce, 9).CorrelationId);
        Assert.Equal(1, client.Receive<MetadataResponse>(ApiKey.Metadata, 9).CorrelationId);
        Assert.Equal(2, client.Receive<ProduceResponse>(ApiKey.Produce, 9).CorrelationId);
    }

    [Fact]
    public async Task A_produce_behind_a_parked_fetch_waits_for_it_as_with_Kafka()
    {
        var produces = new BlockingCollection<TaskCompletionSource<ProduceResponse?>>();
        var fetches = new BlockingCollection<TaskCompletionSource<FetchResponse>>();
        var fetch = new OverlappingHandler<FetchRequest, FetchResponse>((_, _) =>
        {
            var parked = new TaskCompletionSource<FetchResponse>();
            fetches.Add(parked);
            return new ValueTask<FetchResponse>(parked.Task);
        });
        HandlerTable table = ProduceTable(produces, new BlockingCollection<bool>());
        await using var broker = new DispatcherFixture(
            table.Add<FetchRequest, FetchResponse, OverlappingHandler<FetchRequest, FetchResponse>>(fetch));
        using RawClient client = broker.Connect();
        client.Send(new FetchRequest(), 12, 0);
        client.Send(new ProduceRequest { Acks = -1 }, 9, 1);
        TaskCompletionSource<FetchResponse> first = fetches.Take();
        await Task.Delay(30);
        Assert.Empty(produces);
        first.SetResult(new FetchResponse());
        produces.Take().SetResult(new ProduceResponse());
        Assert.Equal(0, client.Receive<FetchResponse>(ApiKey.Fetch, 12).CorrelationId);
        Assert.Equal(1, client.Receive<ProduceResponse>(ApiKey.Produce, 9).CorrelationId);
    }

    [Fact]
    public async Task Referenced_memory_is_sent_unchanged_and_its_lease_ends_after_the_send()
    {
        byte[] records = new byte[300_000];
        new Random(1).NextBytes(records);
        var lease = new CountingLease();
        var table = new HandlerTable(ApiListeners.Broker);
        var fetch = new OverlappingHandler<FetchRequest, FetchResponse>((context, _) =>
        {
            context.AddLease(lease);
            return ValueTask.FromResult(new FetchResponse
            {
                Responses = [new() { Topic = "t", Partitions = [new() { PartitionIndex = 1, Records = records }] }],
            });
        });
        table.Add<FetchRequest, FetchResponse, OverlappingHandler<FetchRequest, FetchResponse>>(fetch);
        await using var broker = new DispatcherFixture(table);
        using RawClient client = broker.Connect();
        client.Send(new FetchRequest(), 12, 1);
        FetchResponse answer = client.Receive<FetchResponse>(ApiKey.Fetch, 12).Response;
        Assert.Equal(records, answer.Responses[0].Partitions[0].Records!.Value.ToArray());
        await Until(() => lease.Disposed == 1);
    }

    private static HandlerTable MetadataTable(Func<RequestContext, MetadataRequest, ValueTask<MetadataResponse>> handle) =>
        new HandlerTable(ApiListeners.Broker).Add<MetadataRequest, MetadataResponse, InlineHandler<MetadataRequest, MetadataResponse>>(
            new InlineHandler<MetadataRequest, MetadataResponse>(handle));

    private static HandlerTable ProduceTable(BlockingCollection<TaskCompletionSource<ProduceResponse?>> started, BlockingCollection<bool> metadata)
    {
        var produce = new OverlappingHandler<ProduceRequest, ProduceResponse?>((_, _) =>
        {
            var parked = new TaskCompletionSource<ProduceResponse?>();
            started.Add(parked);
            return new ValueTask<ProduceResponse?>(parked.Task);
        });
        return MetadataTable((_, _) =>
        {
            metadata.Add(true);
            return ValueTask.FromResult(new MetadataResponse());
        }).Add<ProduceRequest, ProduceResponse?, OverlappingHandler<ProduceRequest, ProduceResponse?>>(produce);
    }

    private static async Task Until(Func<bool> condition)
    {
        for (int attempt = 0; attempt < 2_000; attempt++)
        {
            if (condition()) return;
            await Task.Delay(10);
        }
        throw new TimeoutException();
    }

    private sealed class CountingLease : IDisposable
    {
        private int _disposed;

        public int Disposed => Volatile.Read(ref _disposed);

        public void Dispose() => Interlocked.Increment(ref _disposed);
    }
}
