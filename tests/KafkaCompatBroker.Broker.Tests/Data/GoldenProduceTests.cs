using System.Text.Json;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Tests.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

/// <summary>Sends each golden batch to a partition of its own, as it was sent to a running Kafka, and compares the answers field by field.</summary>
public sealed class GoldenProduceTests : OneBrokerTests
{
    private const short ProduceVersion = 12;

    /// <summary>Kafka accepts these although they are wrong; no client sends them, so they are refused.</summary>
    private static readonly string[] RefusedThoughKafkaAccepts =
    [
        "record-key-length-minus-2", "record-value-length-minus-5", "record-offset-delta-7", "record-offset-delta-negative",
        "record-offset-delta-repeated", "record-offset-delta-gap",
    ];

    [Theory]
    [InlineData("create-time")]
    [InlineData("append-time")]
    [InlineData("compacted")]
    [InlineData("recompress-gzip")]
    [InlineData("small-messages")]
    [InlineData("recent-only")]
    public async Task Batches_are_answered_as_by_Kafka(string topic)
    {
        JsonElement[] cases = [.. GoldenRecords.Lines("append.jsonl")
            .Where(line => line.GetProperty("topic").GetString() == topic && line.TryGetProperty("topicConfigs", out _))];
        var configs = cases[0].GetProperty("topicConfigs").EnumerateObject().Select(config => (config.Name, config.Value.GetString()!));
        await Broker.CreateTopicAsync(topic, cases.Length, [.. configs]);
        Dictionary<string, byte[]> batches = GoldenRecords.Lines("batches.jsonl").Concat(GoldenRecords.Lines("damaged.jsonl"))
            .ToDictionary(line => line.Case(), line => line.Bytes());

        List<string> wrong = [];
        for (int partition = 0; partition < cases.Length; partition++)
        {
            JsonElement line = cases[partition];
            ProduceResponse.PartitionProduceResponse answer = await ProduceAsync(ProduceVersion, topic, partition, batches[line.Case()]);
            if (Difference(line, answer) is { } difference)
                wrong.Add($"{line.Case()}: {difference}");
            else if (!await IsStoredAsync(line, topic, partition, answer))
                wrong.Add($"{line.Case()}: other bytes are stored");
        }

        Assert.Empty(wrong);
        Assert.True(cases.Length > 150, $"{cases.Length} cases");
    }

    [Fact]
    public async Task Requests_are_answered_as_by_Kafka()
    {
        Uuid id = await Broker.CreateTopicAsync("create-time", partitions: 2);
        List<string> wrong = [];
        int compared = 0;
        foreach (JsonElement line in GoldenRecords.Lines("append.jsonl").Where(line => line.Case().StartsWith("produce-", StringComparison.Ordinal)))
        {
            // Transactions verify what a coordinator knows; without one the cases above them apply.
            if (line.Case().EndsWith("unknown-to-the-coordinator", StringComparison.Ordinal))
                continue;

            compared++;
            if (await RequestDifferenceAsync(line, id) is { } difference)
                wrong.Add($"{line.Case()}: {difference}");
        }

        Assert.Empty(wrong);
        Assert.True(compared > 25, $"{compared} compared");
    }

    private static string? Difference(JsonElement line, ProduceResponse.PartitionProduceResponse answer)
    {
        JsonElement expected = line.GetProperty("answer");
        if (RefusedThoughKafkaAccepts.Contains(line.Case()))
            return answer.ErrorCode == ErrorCode.None ? "accepted" : null;
        if (!expected.TryGetProperty("error", out JsonElement error) || error.GetString() == "UNKNOWN_SERVER_ERROR")
            return answer.ErrorCode is ErrorCode.InvalidRecord or ErrorCode.CorruptMessage ? null : $"{answer.ErrorCode}";
        if ((short)answer.ErrorCode != expected.GetProperty("errorCode").GetInt16())
            return $"{answer.ErrorCode} instead of {error}";
        if (expected.GetProperty("baseOffset") is { ValueKind: JsonValueKind.Number } baseOffset && baseOffset.GetInt64() != answer.BaseOffset)
            return $"base offset {answer.BaseOffset}";
        if (expected.TryGetProperty("logStartOffset", out JsonElement logStart) && logStart.GetInt64() != answer.LogStartOffset)
            return $"log start offset {answer.LogStartOffset} instead of {logStart}";
        if (expected.TryGetProperty("errorMessage", out JsonElement message) && message.ValueKind == JsonValueKind.Null != (answer.ErrorMessage is null))
            return $"message {answer.ErrorMessage}";
        if (expected.GetProperty("logAppendTime").GetString() == "none" != (answer.LogAppendTimeMs == -1))
            return $"append time {answer.LogAppendTimeMs}";
        return !expected.TryGetProperty("recordErrors", out JsonElement recordErrors)
            || recordErrors.EnumerateArray().Select(one => one.GetProperty("batchIndex").GetInt32()).SequenceEqual(answer.RecordErrors.Select(one => one.BatchIndex))
                ? null
                : "other record errors";
    }

    private async Task<bool> IsStoredAsync(JsonElement line, string topic, int partition, ProduceResponse.PartitionProduceResponse answer)
    {
        FetchResponse response = await Client.CallAsync<FetchRequest, FetchResponse>(
            new()
            {
                MaxBytes = int.MaxValue,
                Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, PartitionMaxBytes = int.MaxValue }] }],
            },
            ProduceVersion);
        byte[] stored = response.Responses[0].Partitions[0].Records!.Value.ToArray();
        if (answer.ErrorCode != ErrorCode.None)
            return stored.Length == 0;
        return !line.TryGetProperty("stored", out JsonElement expected)
            || !expected.TryGetProperty("hex", out JsonElement hex)
            || Convert.ToHexStringLower(stored) == hex.GetString();
    }

    private async Task<string?> RequestDifferenceAsync(JsonElement line, Uuid topicId)
    {
        short version = line.GetProperty("produceVersion").GetInt16();
        ProduceRequest request = Request(
            line.GetProperty("topic").GetString()!,
            line.GetProperty("partition").GetInt32(),
            line.TryGetProperty("hex", out _) ? line.Bytes() : null);
        request.Acks = line.GetProperty("acks").GetInt16();
        request.TransactionalId = line.TryGetProperty("transactionalId", out JsonElement transactionalId) ? transactionalId.GetString() : null;
        if (version >= 13)
            request.TopicData[0].TopicId = line.Case() switch
            {
                "produce-v13-unknown-topic-id" => new Uuid(1, 1234),
                "produce-v13-zero-topic-id" => Uuid.Zero,
                _ => topicId,
            };

        using TestClient client = await Broker.ConnectAsync();
        if (request.Acks == 0)
        {
            await client.SendAsync(request, version);
            bool mustClose = line.GetProperty("answer").GetProperty("connection").GetString() == "closed by the broker";
            return await ServesAsync(client) == mustClose ? "connection" : null;
        }

        ProduceResponse response = await client.CallAsync<ProduceRequest, ProduceResponse>(request, version);
        return Difference(line, response.Responses[0].PartitionResponses[0]);
    }

    private static async Task<bool> ServesAsync(TestClient client)
    {
        try
        {
            await client.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new() { ClientSoftwareName = "test", ClientSoftwareVersion = "1" }, 3);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static ProduceRequest Request(string topic, int partition, byte[]? records) => new()
    {
        Acks = -1,
        TimeoutMs = 5000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = records is null ? null : (ReadOnlyMemory<byte>?)records }] }],
    };

    private async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(short version, string topic, int partition, byte[] records)
    {
        ProduceResponse response = await Client.CallAsync<ProduceRequest, ProduceResponse>(Request(topic, partition, records), version);
        return response.Responses[0].PartitionResponses[0];
    }
}
