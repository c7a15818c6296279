using System.Text;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Testing;

/// <summary>Record batches as producers send them.</summary>
public static class Batches
{
    /// <summary>A time that is neither old nor in the future, in milliseconds since 1970.</summary>
    public const long TimestampMs = 1_700_000_000_000;

    /// <summary>A batch with these values, a millisecond apart.</summary>
    public static byte[] Of(params string[] values) => Build(new(), values);

    public static byte[] Transactional(params string[] values) =>
        Build(new() { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, IsTransactional = true }, values);

    public static byte[] Idempotent(long producerId, short epoch, int baseSequence, params string[] values) =>
        Build(new() { ProducerId = producerId, ProducerEpoch = epoch, BaseSequence = baseSequence }, values);

    public static byte[] Build(RecordBatchOptions options, params string[] values)
    {
        RecordBatchBuilder builder = new(options);
        for (int i = 0; i < values.Length; i++)
            builder.Append(TimestampMs + i, null, Encoding.UTF8.GetBytes(values[i]));
        return builder.Build();
    }
}
