using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Transactions;

/// <summary>What a transactional producer and a reader of its records say to brokers, request by request.</summary>
internal static class TransactionConversation
{
    public static Task<InitProducerIdResponse> InitAsync(this TestClient client, string id, short version = 5, int timeoutMs = 60_000) =>
        client.CallAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = id, TransactionTimeoutMs = timeoutMs }, version);

    public static async Task<ErrorCode> AddAsync(this TestClient client, string id, InitProducerIdResponse producer, string topic, short version)
    {
        AddPartitionsToTxnRequest.AddPartitionsToTxnTopic[] topics = [new() { Name = topic, Partitions = [0] }];
        AddPartitionsToTxnRequest request = version < 4
            ? new() { V3AndBelowTransactionalId = id, V3AndBelowProducerId = producer.ProducerId, V3AndBelowProducerEpoch = producer.ProducerEpoch, V3AndBelowTopics = topics }
            : new() { Transactions = [new() { TransactionalId = id, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Topics = topics }] };
        AddPartitionsToTxnResponse response = await client.CallAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(request, version);
        return (version < 4 ? response.ResultsByTopicV3AndBelow : response.ResultsByTransaction[0].TopicResults)[0].ResultsByPartition[0].PartitionErrorCode;
    }

    public static async Task<ErrorCode> ProduceAsync(
        this TestClient client, string id, InitProducerIdResponse producer, string topic, int sequence, short version, params string[] values)
    {
        RecordBatchOptions options = new() { ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, BaseSequence = sequence, IsTransactional = true };
        ProduceResponse response = await client.CallAsync<ProduceRequest, ProduceResponse>(
            new()
            {
                TransactionalId = id,
                Acks = -1,
                TimeoutMs = 10_000,
                TopicData = [new() { Name = topic, PartitionData = [new() { Index = 0, Records = Batches.Build(options, values) }] }],
            },
            version);
        return response.Responses[0].PartitionResponses[0].ErrorCode;
    }

    public static Task<EndTxnResponse> EndAsync(this TestClient client, string id, InitProducerIdResponse producer, bool isCommit, short version) =>
        client.CallAsync<EndTxnRequest, EndTxnResponse>(
            new() { TransactionalId = id, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = isCommit }, version);

    /// <summary>Waits until the last stable offset is there; gives the aborted transactions.</summary>
    public static async Task<FetchResponse.AbortedTransaction[]> UntilStableAsync(this TestClient client, string topic, long offset)
    {
        for (int attempt = 0; ; attempt++)
        {
            FetchResponse response = await client.CallAsync<FetchRequest, FetchResponse>(
                new()
                {
                    MaxWaitMs = 50,
                    MinBytes = 1,
                    MaxBytes = 1_000_000,
                    IsolationLevel = 1,
                    Topics = [new() { Topic = topic, Partitions = [new() { Partition = 0, FetchOffset = 0, PartitionMaxBytes = 1_000_000 }] }],
                },
                12);
            FetchResponse.PartitionData partition = response.Responses[0].Partitions[0];
            if (partition.LastStableOffset == offset)
                return partition.AbortedTransactions ?? [];

            Assert.True(attempt < 200, $"the last stable offset is {partition.LastStableOffset}, not {offset}");
            await Task.Delay(20);
        }
    }
}
