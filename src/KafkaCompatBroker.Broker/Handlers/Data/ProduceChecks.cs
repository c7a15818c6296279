using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>What of a Produce request is checked before any log is touched.</summary>
internal static class ProduceChecks
{
    private const byte OnlyMagic = 2;

    /// <summary>
    /// TRANSACTIONAL_ID_AUTHORIZATION_FAILED for transactional records without a transactional id; the request fails as a whole, since
    /// a client that does so is broken.
    /// </summary>
    public static ErrorCode OfRequest(ProduceRequest request)
    {
        if (!string.IsNullOrEmpty(request.TransactionalId))
            return ErrorCode.None;

        foreach (ProduceRequest.TopicProduceData topic in request.TopicData)
        {
            foreach (ProduceRequest.PartitionProduceData partition in topic.PartitionData)
            {
                if (IsTransactional(partition.Records))
                    return ErrorCode.TransactionalIdAuthorizationFailed;
            }
        }

        return ErrorCode.None;
    }

    /// <summary>INVALID_REQUIRED_ACKS for anything but -1, 0 and 1.</summary>
    public static ErrorCode OfAcks(short acks) => acks is >= -1 and <= 1 ? ErrorCode.None : ErrorCode.InvalidRequiredAcks;

    /// <summary>
    /// INVALID_RECORD unless there is exactly one batch of magic 2 (KIP-98), UNSUPPORTED_COMPRESSION_TYPE for zstd before v7 (KIP-110). The
    /// log checks the batch itself; what is found here is answered without a log start offset.
    /// </summary>
    public static ErrorCode OfRecords(ReadOnlyMemory<byte>? records, bool refusesZstd, out string? message)
    {
        message = null;
        if (records is not { } bytes)
        {
            message = "A produce request must hold records.";
            return ErrorCode.InvalidRecord;
        }

        switch (RecordBatchView.TryRead(bytes.Span, out RecordBatchView batch))
        {
            case RecordBatchStatus.NeedMoreBytes:
                return ErrorCode.InvalidRecord;
            case RecordBatchStatus.Corrupt:
                // The log finds it too, and says what is wrong.
                return ErrorCode.None;
        }

        if (batch.Magic != OnlyMagic)
            return ErrorCode.InvalidRecord;
        if (refusesZstd && batch.Codec == CompressionType.Zstd)
            return ErrorCode.UnsupportedCompressionType;

        // A batch that is cut short at the end is dropped without an error, as one at the end of a fetch.
        return RecordBatchView.TryRead(bytes.Span[batch.SizeInBytes..], out _) == RecordBatchStatus.NeedMoreBytes
            ? ErrorCode.None
            : ErrorCode.InvalidRecord;
    }

    public static bool IsTransactional(ReadOnlyMemory<byte>? records) =>
        records is { } bytes
        && RecordBatchView.TryRead(bytes.Span, out RecordBatchView batch) == RecordBatchStatus.Ok
        && batch.IsTransactional;
}
