using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// Decides whether bytes that a producer sent for a partition may be appended, and as what. A good batch in the topic's
/// codec is only looked at and appended as it is; one in another codec is built anew. Allocates nothing for each record.
/// </summary>
public static class RecordBatchValidator
{
    /// <summary>Validates the records of one partition of a produce request of version 3 or above.</summary>
    /// <param name="bytes">What was sent: one batch; an incomplete one behind it is ignored.</param>
    /// <param name="rules">What the topic accepts.</param>
    /// <param name="nowMs">The append time, ms since the epoch.</param>
    /// <param name="isFromClient">False for records of coordinators, which may write control records at any offset.</param>
    /// <param name="allowsZstd">False below Produce version 7, whose clients may not know zstd (KIP-110).</param>
    public static BatchValidation Validate(
        ReadOnlyMemory<byte> bytes, ValidationRules rules, long nowMs, bool isFromClient = true, bool allowsZstd = true)
    {
        try
        {
            var rejection = FindOnlyBatch(bytes.Span, allowsZstd, out var batch)
                ?? CheckHeader(batch, rules, isFromClient);
            return rejection is null
                ? ValidateRecords(bytes[..batch.SizeInBytes], batch, rules, nowMs)
                : new BatchValidation(rejection);
        }
        catch (RecordFormatException malformed)
        {
            return new BatchValidation(new BatchRejection(ErrorCode.InvalidRecord, malformed.Message));
        }
        catch (CodecUnavailableException unavailable)
        {
            return new BatchValidation(new BatchRejection(ErrorCode.UnsupportedCompressionType, unavailable.Message)
            {
                ErrorMessage = unavailable.Message,
            });
        }
    }

    private static BatchRejection? FindOnlyBatch(ReadOnlySpan<byte> bytes, bool allowsZstd, out RecordBatchView batch)
    {
        switch (RecordBatchView.TryRead(bytes, out batch))
        {
            case RecordBatchStatus.NeedMoreBytes:
                return Invalid("There is no complete batch.");
            case RecordBatchStatus.Corrupt:
                return DescribeCorrupt(bytes);
        }

        if (batch.Magic != 2)
            return Invalid($"Batches of magic {batch.Magic} cannot be produced.");
        if (batch.Codec == CompressionType.Zstd && !allowsZstd)
            return new BatchRejection(ErrorCode.UnsupportedCompressionType, "Produce requests below version 7 cannot carry zstd.");
        return RecordBatchView.TryRead(bytes[batch.SizeInBytes..], out _) switch
        {
            RecordBatchStatus.NeedMoreBytes => null,
            RecordBatchStatus.Corrupt => DescribeCorrupt(bytes[batch.SizeInBytes..]),
            _ => Invalid("There is more than one batch for a partition."),
        };
    }

    private static BatchRejection DescribeCorrupt(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes[RecordBatchLayout.Length..]);
        if (length < RecordBatchLayout.SmallestLengthV0)
            return Corrupt($"A batch cannot have {length} bytes: its header alone is longer.", isSaid: true);
        if (bytes.Length > RecordBatchLayout.Magic && bytes[RecordBatchLayout.Magic] > 2)
            return Corrupt($"Batches of magic {(sbyte)bytes[RecordBatchLayout.Magic]} are not known.", isSaid: true);
        return Corrupt($"A batch cannot have {length} bytes.", isSaid: false);
    }

    private static BatchRejection? CheckHeader(RecordBatchView batch, ValidationRules rules, bool isFromClient)
    {
        if (isFromClient && batch.BaseOffset != 0)
            return Invalid($"The base offset of a produced batch must be 0 but is {batch.BaseOffset}.");
        if (batch.SizeInBytes > rules.BatchBytesMax)
            return TooLarge(batch.SizeInBytes, rules);
        if (!batch.IsCrcValid())
            return Corrupt($"The checksum of the batch is wrong: it says {batch.Crc}.", isSaid: false);
        if (batch.RecordCount <= 0 || (long)batch.LastOffsetDelta + 1 != batch.RecordCount)
            return Invalid($"A batch of {batch.RecordCount} records cannot end at relative offset {batch.LastOffsetDelta}.");
        if (!isFromClient)
            return null;
        if (batch.IsControl)
            return Invalid("Clients cannot write control records.");
        if (batch.HasProducerId && batch.BaseSequence < 0)
            return Invalid($"Producer {batch.ProducerId} sent the sequence number {batch.BaseSequence}.");
        if (batch.IsTransactional && !batch.HasProducerId)
            return Invalid("A transactional batch has no producer id.");
        return null;
    }

    private static BatchValidation ValidateRecords(
        ReadOnlyMemory<byte> bytes, RecordBatchView batch, ValidationRules rules, long nowMs)
    {
        var scan = new RecordScan(batch, rules, nowMs);
        if (scan.Run() is { } rejection)
            return new BatchValidation(rejection);

        var codec = rules.TargetCodec ?? batch.Codec;
        if (codec != batch.Codec && !batch.IsControl)
            return Rebuild(batch, codec, rules, nowMs);

        long maxTimestamp = rules.TimestampType == TimestampType.LogAppendTime ? nowMs : scan.MaxTimestampMs;
        bool needsTimestamp = batch.TimestampType != rules.TimestampType || batch.MaxTimestamp != maxTimestamp;
        return new BatchValidation(bytes, batch.RecordCount, rules.TimestampType, maxTimestamp, needsTimestamp);
    }

    private static BatchValidation Rebuild(RecordBatchView batch, CompressionType codec, ValidationRules rules, long nowMs)
    {
        if (batch.ProducerId != -1 && (batch.ProducerId < 0 || batch.ProducerEpoch < 0))
            return new BatchValidation(Invalid($"Producer {batch.ProducerId} of epoch {batch.ProducerEpoch} cannot be."));

        var builder = new RecordBatchBuilder(
            new RecordBatchOptions
            {
                Codec = codec,
                CompressionLevel = rules.TargetLevel,
                TimestampType = rules.TimestampType,
                LogAppendTimeMs = nowMs,
                ProducerId = batch.ProducerId,
                ProducerEpoch = batch.ProducerEpoch,
                BaseSequence = batch.BaseSequence,
                IsTransactional = batch.IsTransactional,
            },
            batch.SizeInBytes);
        using var reader = new RecordReader(batch, RecordLimits.ExpandedBytesMaxOfProduce(rules.BatchBytesMax));
        for (int delta = 0; reader.MoveNext(); delta++)
            builder.AppendCopy(delta, reader.Current);

        byte[] built = builder.Build();
        if (built.Length > rules.BatchBytesMax)
            return new BatchValidation(TooLarge(built.Length, rules));
        RecordBatchView.TryRead(built, out var view);
        return new BatchValidation(built, view.RecordCount, view.TimestampType, view.MaxTimestamp, needsTimestamp: false);
    }

    private static BatchRejection Invalid(string reason) => new(ErrorCode.InvalidRecord, reason);

    private static BatchRejection Corrupt(string reason, bool isSaid) =>
        new(ErrorCode.CorruptMessage, reason) { ErrorMessage = isSaid ? reason : null };

    private static BatchRejection TooLarge(int size, ValidationRules rules) =>
        new(ErrorCode.MessageTooLarge, $"A batch of {size} bytes is above the {rules.BatchBytesMax} that the topic takes.");
}
