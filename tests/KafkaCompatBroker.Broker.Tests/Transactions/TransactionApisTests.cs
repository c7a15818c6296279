using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Transactions;

/// <summary>The APIs of transactions over a socket, in every version.</summary>
public sealed class TransactionApisTests : IAsyncLifetime
{
    private TestBroker _broker = null!;
    private TestClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await TestBroker.StartAsync(new Dictionary<string, string>
        {
            ["transaction.state.log.num.partitions"] = "2",
            ["transaction.state.log.replication.factor"] = "1",
            ["transaction.state.log.min.isr"] = "1",
            ["offsets.topic.num.partitions"] = "2",
            ["offsets.topic.replication.factor"] = "1",
        });
        await _broker.CreateTopicAsync("t");
        _client = await _broker.ConnectAsync();
        foreach (sbyte kind in (sbyte[])[0, 1])
            await _client.CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { CoordinatorKeys = ["x"], KeyType = kind }, 5);
        await RetryAsync(async () => (await _client.InitAsync("ready")).ErrorCode);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Every_version_of_a_transaction_commits(short version)
    {
        InitProducerIdResponse producer = await _client.InitAsync("x", version);
        Assert.Equal(ErrorCode.None, producer.ErrorCode);
        Assert.Equal(ErrorCode.None, await _client.AddAsync("x", producer, "t", version));
        Assert.Equal(ErrorCode.None, await _client.ProduceAsync("x", producer, "t", 0, 9, "a"));
        EndTxnResponse ended = await _client.EndAsync("x", producer, true, version);

        Assert.Equal(ErrorCode.None, ended.ErrorCode);
        Assert.Equal(version < 5 ? -1 : producer.ProducerEpoch + 1, ended.ProducerEpoch);
        Assert.Empty(await _client.UntilStableAsync("t", 2));
    }

    [Theory]
    [InlineData(9, ErrorCode.InvalidTxnState)]
    [InlineData(11, ErrorCode.TransactionAbortable)]
    [InlineData(12, ErrorCode.None)]
    public async Task Records_begin_a_transaction_only_where_their_version_adds_the_partition(short version, ErrorCode expected)
    {
        InitProducerIdResponse producer = await _client.InitAsync("x");

        Assert.Equal(expected, await _client.ProduceAsync("x", producer, "t", 0, version, "a"));
        await _client.UntilStableAsync("t", 0);
    }

    [Fact]
    public async Task Aborted_transactions_are_named_to_readers_of_committed_records()
    {
        InitProducerIdResponse producer = await _client.InitAsync("x");
        for (int i = 0; i < 5; i++)
            Assert.Equal(ErrorCode.None, await _client.ProduceAsync("x", producer, "t", i, 12, $"{i}"));

        await _client.EndAsync("x", producer, false, 5);
        FetchResponse.AbortedTransaction aborted = Assert.Single(await _client.UntilStableAsync("t", 6));
        Assert.Equal((producer.ProducerId, 0), (aborted.ProducerId, aborted.FirstOffset));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Offsets_of_a_group_count_after_the_commit(short version)
    {
        InitProducerIdResponse producer = await _client.InitAsync("x");
        if (version < 5)
        {
            AddOffsetsToTxnResponse added = await _client.CallAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
                new() { TransactionalId = "x", ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, GroupId = "g" }, 3);
            Assert.Equal(ErrorCode.None, added.ErrorCode);
        }

        Assert.Equal(ErrorCode.None, await CommitOffsetAsync(producer, version, 5));
        Assert.Equal(-1, await CommittedAsync());
        await _client.EndAsync("x", producer, true, 5);
        await RetryAsync(async () => await CommittedAsync() == 5 ? ErrorCode.None : ErrorCode.UnstableOffsetCommit);
    }

    [Fact]
    public async Task Offsets_outside_of_a_transaction_are_refused()
    {
        InitProducerIdResponse producer = await _client.InitAsync("x");

        Assert.Equal(ErrorCode.InvalidTxnState, await CommitOffsetAsync(producer, 3, 5));
        Assert.Equal(ErrorCode.TransactionAbortable, await CommitOffsetAsync(producer, 4, 5));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await CommitOffsetAsync(new() { ProducerId = producer.ProducerId, ProducerEpoch = 7 }, 5, 5));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await CommitOffsetAsync(new() { ProducerId = 999, ProducerEpoch = 0 }, 5, 5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Transactions_are_listed_in_every_version(short version)
    {
        InitProducerIdResponse producer = await _client.InitAsync("listed");
        await _client.AddAsync("listed", producer, "t", 3);

        ListTransactionsResponse listed = await _client.CallAsync<ListTransactionsRequest, ListTransactionsResponse>(new() { StateFilters = ["Ongoing", "what"] }, version);

        Assert.Equal(["what"], listed.UnknownStateFilters);
        Assert.Equal(("listed", producer.ProducerId, "Ongoing"), listed.TransactionStates.Select(state => (state.TransactionalId, state.ProducerId, state.TransactionState)).Single());
    }

    [Fact]
    public async Task A_transaction_in_preparation_is_completed_after_a_restart()
    {
        InitProducerIdResponse producer = await _client.InitAsync("x");
        Assert.Equal(ErrorCode.None, await _client.ProduceAsync("x", producer, "t", 0, 12, "a"));
        Assert.Equal(ErrorCode.None, (await _client.EndAsync("x", producer, true, 5)).ErrorCode);
        await _broker.RestartAsync();
        using TestClient client = await _broker.ConnectAsync();

        Assert.Empty(await client.UntilStableAsync("t", 2));
        await RetryAsync(async () => (await client.EndAsync("x", producer, true, 5)).ErrorCode);
    }

    private static async Task RetryAsync(Func<Task<ErrorCode>> ask)
    {
        ErrorCode error = ErrorCode.None;
        for (int attempt = 0; attempt < 200 && (attempt == 0 || error != ErrorCode.None); attempt++)
        {
            error = await ask();
            if (error != ErrorCode.None)
                await Task.Delay(20);
        }

        Assert.Equal(ErrorCode.None, error);
    }

    private async Task<ErrorCode> CommitOffsetAsync(InitProducerIdResponse producer, short version, long offset)
    {
        TxnOffsetCommitResponse response = await _client.CallAsync<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
            new()
            {
                TransactionalId = "x",
                GroupId = "g",
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.ProducerEpoch,
                Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset, CommittedMetadata = "" }] }],
            },
            version);
        return response.Topics[0].Partitions[0].ErrorCode;
    }

    private async Task<long> CommittedAsync()
    {
        OffsetFetchResponse response = await _client.CallAsync<OffsetFetchRequest, OffsetFetchResponse>(
            new() { Groups = [new() { GroupId = "g", Topics = [new() { Name = "t", PartitionIndexes = [0] }] }] }, 8);
        return response.Groups[0].Topics[0].Partitions[0].CommittedOffset;
    }
}
