namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Bounds on what record bytes may make a reader do.</summary>
public static class RecordLimits
{
    /// <summary>
    /// Bytes that one batch may expand to when nothing else is said: 1 GiB, above what any client can put into one.
    /// </summary>
    public const long ExpandedBytesMax = 1L << 30;

    /// <summary>Bytes expanded at a time: one LZ4 block as Kafka's clients write them.</summary>
    public const int ExpansionWindowBytes = 64 * 1024;

    /// <summary>
    /// Record errors that an answer names. A batch may hold a million bad records; a producer needs to see the first.
    /// </summary>
    public const int RecordErrorsMax = 1_000;

    private const long ExpansionRatioMax = 64;
    private const long SmallestExpansion = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes that a produced batch may expand to on a topic that takes batches of <paramref name="batchBytesMax"/>: real
    /// data does not shrink to a 64th, a decompression bomb does.
    /// </summary>
    public static long ExpandedBytesMaxOfProduce(int batchBytesMax) =>
        Math.Max(SmallestExpansion, ExpansionRatioMax * batchBytesMax);
}
