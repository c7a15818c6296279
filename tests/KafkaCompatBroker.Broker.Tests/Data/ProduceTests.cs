using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class ProduceTests : OneBrokerTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(12)]
    public async Task Offsets_count_up_by_name(short version)
    {
        await Broker.CreateTopicAsync("t");

        Assert.Equal(0, (await ProduceAsync(version, new() { Name = "t" }, Batches.Of("a", "b"))).BaseOffset);
        Assert.Equal(2, (await ProduceAsync(version, new() { Name = "t" }, Batches.Of("c"))).BaseOffset);
    }

    [Fact]
    public async Task Topics_are_named_by_id_since_version_13()
    {
        Uuid id = await Broker.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.None, (await ProduceAsync(13, new() { TopicId = id }, Batches.Of("a"))).ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicId, (await ProduceAsync(13, new() { TopicId = new(1, 2) }, Batches.Of("a"))).ErrorCode);
    }

    [Fact]
    public async Task Unknown_topics_and_partitions_are_refused()
    {
        await Broker.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(9, new() { Name = "none" }, Batches.Of("a"))).ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a"), partition: 1)).ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a"), partition: -1)).ErrorCode);
    }

    [Fact]
    public async Task Internal_topics_are_written_by_coordinators_and_who_repairs_their_log()
    {
        await Broker.CreateTopicAsync(TopicName.GroupMetadata);

        Assert.Equal(ErrorCode.InvalidTopicException, (await ProduceAsync(9, new() { Name = TopicName.GroupMetadata }, Batches.Of("a"))).ErrorCode);
        Client.ClientId = "__admin_client";
        Assert.Equal(ErrorCode.None, (await ProduceAsync(9, new() { Name = TopicName.GroupMetadata }, Batches.Of("a"))).ErrorCode);
    }

    [Fact]
    public async Task Other_acks_than_minus_1_0_and_1_are_refused()
    {
        await Broker.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.InvalidRequiredAcks, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a"), acks: 2)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequiredAcks, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a"), acks: -2)).ErrorCode);
        Assert.Equal(0, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a"))).BaseOffset);
    }

    [Fact]
    public async Task Acks_0_is_not_answered()
    {
        await Broker.CreateTopicAsync("t");

        await Client.SendAsync(Request(new() { Name = "t" }, Batches.Of("a"), acks: 0), 9);

        Assert.Equal(1, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("b"))).BaseOffset);
    }

    [Fact]
    public async Task Acks_0_with_an_error_closes_the_connection()
    {
        await Client.SendAsync(Request(new() { Name = "none" }, Batches.Of("a"), acks: 0), 9);

        Assert.True(await Client.IsClosedByBrokerAsync());
    }

    [Fact]
    public async Task Null_and_empty_records_are_refused()
    {
        await Broker.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.InvalidRecord, (await ProduceAsync(9, new() { Name = "t" }, null)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRecord, (await ProduceAsync(9, new() { Name = "t" }, Array.Empty<byte>())).ErrorCode);
    }

    [Fact]
    public async Task Wrong_checksum_is_refused_and_nothing_is_stored()
    {
        await Broker.CreateTopicAsync("t");
        byte[] batch = Batches.Of("a");
        batch[^1] ^= 1;

        Assert.Equal(ErrorCode.CorruptMessage, (await ProduceAsync(9, new() { Name = "t" }, batch)).ErrorCode);
        Assert.Equal(0, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a"))).BaseOffset);
    }

    [Fact]
    public async Task Good_partitions_of_a_request_are_written_beside_bad_ones()
    {
        await Broker.CreateTopicAsync("t", partitions: 2);
        ProduceRequest request = Request(new() { Name = "t" }, Batches.Of("a"));
        request.TopicData[0].PartitionData =
        [
            new() { Index = 1, Records = Batches.Of("a") },
            new() { Index = 7, Records = Batches.Of("a") },
            new() { Index = 0, Records = Batches.Of("a") },
        ];

        ProduceResponse response = await Client.CallAsync<ProduceRequest, ProduceResponse>(request, 9);

        Assert.Equal(
            [(1, ErrorCode.None), (7, ErrorCode.UnknownTopicOrPartition), (0, ErrorCode.None)],
            response.Responses[0].PartitionResponses.Select(partition => (partition.Index, partition.ErrorCode)));
    }

    [Fact]
    public async Task Transactional_records_need_a_transactional_id()
    {
        await Broker.CreateTopicAsync("t");
        byte[] batch = Batches.Transactional("a");

        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, (await ProduceAsync(9, new() { Name = "t" }, batch)).ErrorCode);
    }

    [Fact]
    public async Task Duplicate_of_an_idempotent_producer_gets_its_first_offset()
    {
        await Broker.CreateTopicAsync("t");
        InitProducerIdResponse producer = await Client.CallAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = null }, 4);
        Assert.Equal(ErrorCode.None, producer.ErrorCode);
        byte[] first = Batches.Idempotent(producer.ProducerId, 0, 0, "a", "b");

        Assert.Equal(0, (await ProduceAsync(9, new() { Name = "t" }, first)).BaseOffset);
        Assert.Equal(2, (await ProduceAsync(9, new() { Name = "t" }, Batches.Idempotent(producer.ProducerId, 0, 2, "c"))).BaseOffset);
        Assert.Equal(0, (await ProduceAsync(9, new() { Name = "t" }, first)).BaseOffset);
        Assert.Equal(
            ErrorCode.OutOfOrderSequenceNumber,
            (await ProduceAsync(9, new() { Name = "t" }, Batches.Idempotent(producer.ProducerId, 0, 9, "x"))).ErrorCode);
    }

    [Fact]
    public async Task Producer_ids_are_all_different()
    {
        HashSet<long> ids = [];
        for (int i = 0; i < 5; i++)
            Assert.True(ids.Add((await Client.CallAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = null }, 4)).ProducerId));
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await Broker.CreateTopicAsync("t");
        for (int i = 0; i < 50; i++)
            await Client.SendAsync(Request(new() { Name = "t" }, Batches.Of("a")), 9);

        for (int i = 0; i < 50; i++)
        {
            ProduceResponse response = await Client.ReceiveAsync<ProduceResponse>(ApiKey.Produce, 9);
            Assert.Equal(i, response.Responses[0].PartitionResponses[0].BaseOffset);
        }
    }

    [Fact]
    public async Task Records_survive_a_restart()
    {
        await Broker.CreateTopicAsync("t");
        await ProduceAsync(9, new() { Name = "t" }, Batches.Of("a", "b"));

        await Broker.RestartAsync();
        Client.Dispose();
        Client = await Broker.ConnectAsync();

        Assert.Equal(2, (await ProduceAsync(9, new() { Name = "t" }, Batches.Of("c"))).BaseOffset);
    }

    private static ProduceRequest Request(ProduceRequest.TopicProduceData topic, byte[]? records, int partition = 0, short acks = -1)
    {
        topic.PartitionData = [new() { Index = partition, Records = records is null ? null : (ReadOnlyMemory<byte>?)records }];
        return new() { Acks = acks, TimeoutMs = 5000, TopicData = [topic] };
    }

    private async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        short version, ProduceRequest.TopicProduceData topic, byte[]? records, int partition = 0, short acks = -1)
    {
        ProduceResponse response = await Client.CallAsync<ProduceRequest, ProduceResponse>(Request(topic, records, partition, acks), version);
        return response.Responses[0].PartitionResponses[0];
    }
}
