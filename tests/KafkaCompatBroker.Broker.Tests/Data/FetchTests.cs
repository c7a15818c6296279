using System.Text;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class FetchTests : OneBrokerTests
{
    private const short ByName = 12;
    private const short ById = 16;

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Records_come_back_as_they_were_sent(short version)
    {
        await Broker.CreateTopicAsync("t");
        await ProduceAsync("t", 0, Batches.Of("a", "b"));

        FetchResponse.PartitionData partition = Only(await FetchAsync(Request("t", (0, 0)), version));

        Assert.Equal(ErrorCode.None, partition.ErrorCode);
        Assert.Equal(2, partition.HighWatermark);
        Assert.Equal(["a", "b"], Values(partition));
    }

    [Theory]
    [InlineData(13)]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Topics_are_named_by_id_since_version_13(short version)
    {
        Uuid id = await Broker.CreateTopicAsync("t");
        await ProduceAsync("t", 0, Batches.Of("a"));
        FetchRequest request = Request("", (0, 0));
        request.Topics[0].TopicId = id;

        Assert.Equal(["a"], Values(Only(await FetchAsync(request, version))));
        request.Topics[0].TopicId = new(7, 7);
        Assert.Equal(ErrorCode.UnknownTopicId, Only(await FetchAsync(request, version)).ErrorCode);
    }

    [Fact]
    public async Task Unknown_topics_and_partitions_are_refused()
    {
        await Broker.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Only(await FetchAsync(Request("none", (0, 0)))).ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Only(await FetchAsync(Request("t", (5, 0)))).ErrorCode);
    }

    [Fact]
    public async Task Offset_at_the_end_is_empty_and_beyond_is_out_of_range()
    {
        await Broker.CreateTopicAsync("t");
        await ProduceAsync("t", 0, Batches.Of("a", "b"));

        FetchResponse.PartitionData end = Only(await FetchAsync(Request("t", (0, 2)), maxWaitMs: 0));
        Assert.Equal(ErrorCode.None, end.ErrorCode);
        Assert.Equal(0, end.Records!.Value.Length);
        Assert.Equal(ErrorCode.OffsetOutOfRange, Only(await FetchAsync(Request("t", (0, 3)))).ErrorCode);
        Assert.Equal(ErrorCode.OffsetOutOfRange, Only(await FetchAsync(Request("t", (0, -1)))).ErrorCode);
    }

    [Fact]
    public async Task Leader_epoch_of_the_client_is_checked()
    {
        await Broker.CreateTopicAsync("t");
        FetchRequest request = Request("t", (0, 0));
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = 99;

        Assert.Equal(ErrorCode.UnknownLeaderEpoch, Only(await FetchAsync(request)).ErrorCode);
    }

    [Fact]
    public async Task Log_that_diverges_is_told_where()
    {
        await Broker.CreateTopicAsync("t");
        await ProduceAsync("t", 0, Batches.Of("a", "b"));
        await Broker.RestartAsync();
        Client.Dispose();
        Client = await Broker.ConnectAsync();
        await ProduceAsync("t", 0, Batches.Of("c"));
        FetchRequest request = Request("t", (0, 3));
        request.Topics[0].Partitions[0].LastFetchedEpoch = 0;

        FetchResponse.PartitionData partition = Only(await FetchAsync(request));

        Assert.Equal(0, partition.DivergingEpoch.Epoch);
        Assert.Equal(2, partition.DivergingEpoch.EndOffset);
        Assert.Equal(0, partition.Records!.Value.Length);
    }

    [Fact]
    public async Task First_batch_comes_even_if_it_is_larger_than_the_limits()
    {
        await Broker.CreateTopicAsync("t", partitions: 2);
        await ProduceAsync("t", 0, Batches.Of(new string('x', 1000)));
        await ProduceAsync("t", 1, Batches.Of(new string('y', 1000)));
        FetchRequest request = Request("t", (0, 0), (1, 0));
        request.MaxBytes = 1;

        FetchResponse response = await FetchAsync(request);

        Assert.Single(Values(response.Responses[0].Partitions[0]));
        Assert.Equal(0, response.Responses[0].Partitions[1].Records!.Value.Length);
    }

    [Fact]
    public async Task Append_wakes_a_parked_fetch()
    {
        await Broker.CreateTopicAsync("t");
        using TestClient waiting = await Broker.ConnectAsync();
        FetchRequest request = Request("t", (0, 0));
        request.MaxWaitMs = 15_000;
        await waiting.SendAsync(request, ByName);
        await ParkedAsync(1);

        await ProduceAsync("t", 0, Batches.Of("a"));

        Assert.Equal(["a"], Values(Only(await waiting.ReceiveAsync<FetchResponse>(ApiKey.Fetch, ByName))));
    }

    [Fact]
    public async Task Parked_fetch_waits_for_all_of_its_min_bytes()
    {
        await Broker.CreateTopicAsync("t", partitions: 2);
        using TestClient waiting = await Broker.ConnectAsync();
        int batchBytes = Batches.Of("a").Length;
        FetchRequest request = Request("t", (0, 0), (1, 0));
        request.MaxWaitMs = 15_000;
        request.MinBytes = (2 * batchBytes) + 1;
        await waiting.SendAsync(request, ByName);
        await ParkedAsync(1);

        await ProduceAsync("t", 0, Batches.Of("a"));
        await ProduceAsync("t", 1, Batches.Of("b"));
        await ParkedAsync(1);
        await ProduceAsync("t", 0, Batches.Of("c"));

        FetchResponse response = await waiting.ReceiveAsync<FetchResponse>(ApiKey.Fetch, ByName);
        Assert.Equal(["a", "c"], Values(response.Responses[0].Partitions[0]));
        Assert.Equal(["b"], Values(response.Responses[0].Partitions[1]));
    }

    [Fact]
    public async Task Parked_fetch_is_answered_empty_after_its_max_wait()
    {
        await Broker.CreateTopicAsync("t");
        FetchRequest request = Request("t", (0, 0));
        request.MaxWaitMs = 30;

        Assert.Equal(0, Only(await FetchAsync(request)).Records!.Value.Length);
        Assert.Equal(0, Broker.Server.DelayedFetchCount);
    }

    [Fact]
    public async Task Parked_fetch_goes_with_its_connection()
    {
        await Broker.CreateTopicAsync("t");
        TestClient leaving = await Broker.ConnectAsync();
        FetchRequest request = Request("t", (0, 0));
        request.MaxWaitMs = int.MaxValue;
        await leaving.SendAsync(request, ByName);
        await ParkedAsync(1);

        leaving.Dispose();

        await ParkedAsync(0);
    }

    [Fact]
    public async Task Deleted_topic_ends_a_parked_fetch()
    {
        await Broker.CreateTopicAsync("t");
        using TestClient waiting = await Broker.ConnectAsync();
        FetchRequest request = Request("t", (0, 0));
        request.MaxWaitMs = int.MaxValue;
        await waiting.SendAsync(request, ByName);
        await ParkedAsync(1);

        await Client.CallAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
            new() { TimeoutMs = 10_000, Topics = [new() { Name = "t" }] }, 6);

        Assert.NotEqual(ErrorCode.None, Only(await waiting.ReceiveAsync<FetchResponse>(ApiKey.Fetch, ByName)).ErrorCode);
    }

    [Fact]
    public async Task Stopping_broker_does_not_wait_for_a_parked_fetch()
    {
        await Broker.CreateTopicAsync("t");
        using TestClient waiting = await Broker.ConnectAsync();
        FetchRequest request = Request("t", (0, 0));
        request.MaxWaitMs = int.MaxValue;
        await waiting.SendAsync(request, ByName);
        await ParkedAsync(1);

        await Broker.Server.StopAsync();

        Assert.NotEqual(ErrorCode.None, Only(await waiting.ReceiveAsync<FetchResponse>(ApiKey.Fetch, ByName)).ErrorCode);
    }

    [Fact]
    public async Task Session_answers_only_what_changed()
    {
        await Broker.CreateTopicAsync("t", partitions: 2);
        await ProduceAsync("t", 0, Batches.Of("a"));
        FetchRequest open = Request("t", (0, 1), (1, 0));
        open.SessionEpoch = 0;
        open.MaxWaitMs = 0;
        FetchResponse opened = await FetchAsync(open);
        Assert.NotEqual(0, opened.SessionId);
        Assert.Equal(2, opened.Responses[0].Partitions.Length);

        FetchRequest next = new() { SessionId = opened.SessionId, SessionEpoch = 1, MinBytes = 1, MaxBytes = int.MaxValue };
        Assert.Empty((await FetchAsync(next)).Responses);
        await ProduceAsync("t", 1, Batches.Of("b"));
        next.SessionEpoch = 2;

        FetchResponse.PartitionData changed = Only(await FetchAsync(next));
        Assert.Equal(1, changed.PartitionIndex);
        Assert.Equal(["b"], Values(changed));
        next.SessionEpoch = 9;
        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, (await FetchAsync(next)).ErrorCode);
    }

    [Fact]
    public async Task Unknown_session_is_refused()
    {
        FetchRequest request = new() { SessionId = 4711, SessionEpoch = 1 };

        Assert.Equal(ErrorCode.FetchSessionIdNotFound, (await FetchAsync(request)).ErrorCode);
    }

    [Fact]
    public async Task Broker_without_a_replica_may_not_fetch_as_a_follower()
    {
        Uuid id = await Broker.CreateTopicAsync("t");
        FetchRequest request = Request("", (0, 0));
        request.Topics[0].TopicId = id;
        request.ReplicaState = new() { ReplicaId = 9, ReplicaEpoch = 1 };

        Assert.Equal(ErrorCode.NotLeaderOrFollower, Only(await FetchAsync(request, ById)).ErrorCode);
    }

    [Fact]
    public async Task Large_answers_come_whole()
    {
        await Broker.CreateTopicAsync("t");
        string[] values = [.. Enumerable.Range(0, 40).Select(index => new string((char)('a' + (index % 26)), 50_000))];
        foreach (string value in values)
            await ProduceAsync("t", 0, Batches.Of(value));

        Assert.Equal(values, Values(Only(await FetchAsync(Request("t", (0, 0))))));
    }

    private static FetchRequest Request(string topic, params (int Index, long Offset)[] partitions) => new()
    {
        MinBytes = 1,
        MaxBytes = 50_000_000,
        MaxWaitMs = 100,
        Topics =
        [
            new()
            {
                Topic = topic,
                Partitions =
                [
                    .. partitions.Select(partition => new FetchRequest.FetchPartition
                    {
                        Partition = partition.Index,
                        FetchOffset = partition.Offset,
                        PartitionMaxBytes = 10_000_000,
                    }),
                ],
            },
        ],
    };

    private static FetchResponse.PartitionData Only(FetchResponse response) => Assert.Single(Assert.Single(response.Responses).Partitions);

    private static List<string> Values(FetchResponse.PartitionData partition)
    {
        List<string> values = [];
        ReadOnlyMemory<byte> rest = partition.Records!.Value;
        while (RecordBatchView.TryRead(rest.Span, out RecordBatchView batch) == RecordBatchStatus.Ok)
        {
            Assert.True(batch.IsCrcValid());
            using RecordReader reader = new(batch);
            while (reader.MoveNext())
                values.Add(Encoding.UTF8.GetString(reader.Current.Value));
            rest = rest[batch.SizeInBytes..];
        }

        return values;
    }

    private async Task<FetchResponse> FetchAsync(FetchRequest request, short version = ByName, int? maxWaitMs = null)
    {
        request.MaxWaitMs = maxWaitMs ?? request.MaxWaitMs;
        return await Client.CallAsync<FetchRequest, FetchResponse>(request, version);
    }

    private async Task ProduceAsync(string topic, int partition, byte[] batch)
    {
        ProduceResponse response = await Client.CallAsync<ProduceRequest, ProduceResponse>(
            new()
            {
                Acks = -1,
                TimeoutMs = 5000,
                TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = batch }] }],
            },
            9);
        Assert.Equal(ErrorCode.None, response.Responses[0].PartitionResponses[0].ErrorCode);
    }

    /// <summary>Waits until the broker has parked this many fetches.</summary>
    private async Task ParkedAsync(int count)
    {
        while (Broker.Server.DelayedFetchCount != count)
            await Task.Delay(5);
    }
}
