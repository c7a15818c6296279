using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Transactions;

/// <summary>A coordinator and the partitions of its transactions on different brokers.</summary>
public sealed class CrossBrokerTransactionTests
{
    [Theory]
    [InlineData(9, 4, true)]
    [InlineData(12, 5, true)]
    [InlineData(12, 5, false)]
    public async Task Partition_asks_the_coordinator_and_gets_its_markers(short produceVersion, short endVersion, bool isCommit)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2);
        using TestClient coordinator = await cluster.Brokers[0].ConnectAsync();
        using TestClient data = await cluster.Brokers[1].ConnectAsync();
        await CreateAsync(coordinator, "__transaction_state", broker: 1);
        await CreateAsync(coordinator, "t", broker: 2);
        InitProducerIdResponse producer = await UntilAsync(() => coordinator.InitAsync("x"), answer => answer.ErrorCode == ErrorCode.None);
        Assert.Equal(ErrorCode.None, producer.ErrorCode);
        if (produceVersion < 12)
            Assert.Equal(ErrorCode.None, await coordinator.AddAsync("x", producer, "t", 3));

        // The creation is answered before the other broker has heard of it.
        ErrorCode produced = await UntilAsync(
            () => data.ProduceAsync("x", producer, "t", 0, produceVersion, "a"),
            error => error is not (ErrorCode.UnknownTopicOrPartition or ErrorCode.NotLeaderOrFollower));
        Assert.Equal(ErrorCode.None, produced);
        Assert.Empty(await data.UntilStableAsync("t", 0));
        EndTxnResponse ended = await coordinator.EndAsync("x", producer, isCommit, endVersion);

        Assert.Equal(ErrorCode.None, ended.ErrorCode);
        Assert.Equal(isCommit ? 0 : 1, (await data.UntilStableAsync("t", 2)).Length);
        ErrorCode late = await data.ProduceAsync("x", producer, "t", 1, 9, "late");
        Assert.Equal(endVersion < 5 ? ErrorCode.InvalidTxnState : ErrorCode.InvalidProducerEpoch, late);
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> attempt, Func<T, bool> isDone)
    {
        T seen = await attempt();
        for (int tries = 1; !isDone(seen) && tries < 200; tries++)
        {
            await Task.Delay(20);
            seen = await attempt();
        }

        return seen;
    }

    private static async Task CreateAsync(TestClient client, string topic, int broker)
    {
        CreateTopicsResponse response = await client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new()
            {
                TimeoutMs = 10_000,
                Topics = [new() { Name = topic, NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 0, BrokerIds = [broker] }] }],
            },
            7);
        Assert.Equal(ErrorCode.None, response.Topics[0].ErrorCode);
    }
}
