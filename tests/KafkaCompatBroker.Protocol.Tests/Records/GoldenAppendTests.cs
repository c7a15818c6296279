using System.Globalization;
using System.Text.Json;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

/// <summary>What a running Kafka answered to each golden batch on six topics, and what it stored.</summary>
public class GoldenAppendTests
{
    private const long NowMs = 1_780_000_000_000;

    // Kafka accepts these although they are wrong; no client sends them, so we refuse.
    private static readonly Dictionary<string, string> RefusedThoughKafkaAccepts = new()
    {
        ["record-key-length-minus-2"] = "a negative length other than -1 is no null",
        ["record-value-length-minus-5"] = "a negative length other than -1 is no null",
        ["record-offset-delta-7"] = "consumers would see an offset outside the batch",
        ["record-offset-delta-negative"] = "consumers would see an offset in front of the batch",
        ["record-offset-delta-repeated"] = "consumers would see an offset twice",
        ["record-offset-delta-gap"] = "consumers would see an offset outside the batch",
    };

    [Fact]
    public void Accepts_and_refuses_what_Kafka_does_with_the_same_errors()
    {
        var wrong = new List<string>();
        int compared = 0;
        foreach (var (line, bytes) in Appends())
        {
            var answer = line.GetProperty("answer");
            string error = answer.GetProperty("error").GetString()!;
            // Decided before the records are looked at: no transactional id was in the request.
            if (error == "TRANSACTIONAL_ID_AUTHORIZATION_FAILED")
                continue;
            var result = RecordBatchValidator.Validate(bytes, Rules(line), NowMs);
            string? difference = Compare(line.Case(), answer, error, result.Rejection);
            if (difference is not null)
                wrong.Add($"{line.Case()} on {line.GetProperty("topic")}: {difference}");
            compared++;
        }

        Assert.Empty(wrong);
        Assert.True(compared > 950, $"{compared} compared");
    }

    [Fact]
    public void Stores_the_bytes_that_Kafka_stores_with_create_time()
    {
        int compared = 0;
        foreach (var (line, bytes) in Appends())
        {
            if (!IsStored(line, "create-time") || RefusedThoughKafkaAccepts.ContainsKey(line.Case()))
                continue;
            var stored = Append(bytes, Rules(line));
            Assert.True(
                stored.SequenceEqual(Convert.FromHexString(line.GetProperty("stored").GetProperty("hex").GetString()!)),
                line.Case());
            compared++;
        }

        Assert.True(compared > 50, $"{compared} compared");
    }

    [Theory]
    [InlineData("append-time")]
    [InlineData("recompress-gzip")]
    public void Stores_the_batches_that_Kafka_stores_when_it_changes_them(string topic)
    {
        int compared = 0;
        foreach (var (line, bytes) in Appends())
        {
            if (!IsStored(line, topic) || RefusedThoughKafkaAccepts.ContainsKey(line.Case()))
                continue;
            var expected = line.GetProperty("stored").GetProperty("read").GetProperty("batches")[0];
            AssertStored(expected, Append(bytes, Rules(line)), topic, line.Case());
            compared++;
        }

        Assert.True(compared > 50, $"{compared} compared");
    }

    private static IEnumerable<(JsonElement Line, byte[] Bytes)> Appends()
    {
        var batches = GoldenRecords.Lines("batches.jsonl").Concat(GoldenRecords.Lines("damaged.jsonl"))
            .ToDictionary(line => line.Case(), line => line.Bytes());
        foreach (var line in GoldenRecords.Lines("append.jsonl"))
        {
            if (line.TryGetProperty("topicConfigs", out _))
                yield return (line, batches[line.Case()]);
        }
    }

    private static ValidationRules Rules(JsonElement line)
    {
        var rules = new ValidationRules();
        foreach (var config in line.GetProperty("topicConfigs").EnumerateObject())
        {
            string value = config.Value.GetString()!;
            rules = config.Name switch
            {
                "message.timestamp.type" => rules with { TimestampType = Enum.Parse<TimestampType>(value) },
                "cleanup.policy" => rules with { IsCompacted = value == "compact" },
                "compression.type" => rules with { TargetCodec = Enum.Parse<CompressionType>(value, ignoreCase: true) },
                "max.message.bytes" => rules with { BatchBytesMax = int.Parse(value, CultureInfo.InvariantCulture) },
                "message.timestamp.after.max.ms" =>
                    rules with { TimestampAfterMaxMs = long.Parse(value, CultureInfo.InvariantCulture) },
                "message.timestamp.before.max.ms" =>
                    rules with { TimestampBeforeMaxMs = long.Parse(value, CultureInfo.InvariantCulture) },
                _ => throw new InvalidOperationException(config.Name),
            };
        }

        return rules;
    }

    private static string? Compare(string name, JsonElement answer, string error, BatchRejection? rejection)
    {
        if (RefusedThoughKafkaAccepts.ContainsKey(name))
            return rejection is null ? "accepted" : null;
        if (error == "UNKNOWN_SERVER_ERROR")
            return rejection?.Error is ErrorCode.InvalidRecord or ErrorCode.CorruptMessage ? null : $"{rejection?.Error}";
        if (error == "NONE")
            return rejection?.Reason;
        if (rejection?.Error.WireName() != error)
            return $"{rejection?.Error} instead of {error}";
        if (rejection.ErrorMessage is null != (answer.GetProperty("errorMessage").ValueKind == JsonValueKind.Null))
            return $"message {rejection.ErrorMessage}";
        var indexes = answer.GetProperty("recordErrors").EnumerateArray().Select(e => e.GetProperty("batchIndex").GetInt32());
        return indexes.SequenceEqual(rejection.RecordErrors.Select(e => e.BatchIndex)) ? null : "other record errors";
    }

    private static bool IsStored(JsonElement line, string topic) =>
        line.GetProperty("topic").GetString() == topic && line.TryGetProperty("stored", out _)
        && line.GetProperty("answer").GetProperty("error").GetString() == "NONE";

    private static byte[] Append(byte[] bytes, ValidationRules rules)
    {
        var result = RecordBatchValidator.Validate(bytes, rules, NowMs);
        Assert.Null(result.Rejection);
        var written = result.Bytes.ToArray();
        result.Stamp(written, [], 0, 0);
        return written;
    }

    private static void AssertStored(JsonElement expected, byte[] stored, string topic, string name)
    {
        Assert.Equal(RecordBatchStatus.Ok, RecordBatchView.TryRead(stored, out var batch));
        long Number(string field) => expected.GetProperty(field).GetInt64();
        Assert.True(batch.IsCrcValid(), name);
        Assert.Equal(expected.GetProperty("compression").GetString(), batch.Codec.ToString(), ignoreCase: true);
        Assert.Equal(expected.GetProperty("timestampType").GetString(), batch.TimestampType.ToString());
        GoldenBatch.AssertHeader(expected, batch);
        Assert.Equal(topic == "append-time" ? NowMs : Number("maxTimestamp"), batch.MaxTimestamp);
        if (topic == "append-time")
            Assert.Equal(Number("sizeInBytes"), batch.SizeInBytes);
        AssertReadable(batch, name);
    }

    private static void AssertReadable(RecordBatchView batch, string name)
    {
        using var reader = new RecordReader(batch);
        int count = 0;
        while (reader.MoveNext())
            Assert.True(reader.Current.Offset == batch.BaseOffset + count++, name);
        Assert.Equal(batch.RecordCount, count);
    }
}
