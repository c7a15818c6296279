using System.Text.Json;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

/// <summary>What Apache Kafka said of a batch, beside what we read of it.</summary>
internal static class GoldenBatch
{
    /// <summary>The fields of a header of magic 2 that do not depend on how records are compressed or when they were appended.</summary>
    public static void AssertHeader(JsonElement expected, RecordBatchView batch)
    {
        long Number(string field) => expected.GetProperty(field).GetInt64();
        Assert.Equal(Number("baseOffset"), batch.BaseOffset);
        Assert.Equal(Number("lastOffset"), batch.LastOffset);
        Assert.Equal(Number("count"), batch.RecordCount);
        Assert.Equal(Number("partitionLeaderEpoch"), batch.PartitionLeaderEpoch);
        Assert.Equal(Number("baseTimestamp"), batch.BaseTimestamp);
        Assert.Equal(Number("producerId"), batch.ProducerId);
        Assert.Equal(Number("producerEpoch"), batch.ProducerEpoch);
        Assert.Equal(Number("baseSequence"), batch.BaseSequence);
        Assert.Equal(Number("lastSequence"), batch.LastSequence);
        Assert.Equal(expected.GetProperty("transactional").GetBoolean(), batch.IsTransactional);
        Assert.Equal(expected.GetProperty("control").GetBoolean(), batch.IsControl);
        var horizon = expected.GetProperty("deleteHorizonMs");
        Assert.Equal(horizon.ValueKind == JsonValueKind.Null ? null : horizon.GetInt64(), batch.DeleteHorizonMs);
    }
}
