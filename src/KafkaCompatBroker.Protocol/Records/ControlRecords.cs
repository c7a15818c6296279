using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// Control records: what brokers write among the records of a partition for themselves. Their values are messages of the
/// protocol; only the marker of a transaction, which every partition sees, is read and written here.
/// </summary>
public static class ControlRecords
{
    private const int KeySize = 4;
    private const int EndTransactionValueSize = 6;

    /// <summary>The key of control records of a type: version 0 and the type.</summary>
    public static byte[] Key(ControlRecordType type)
    {
        var key = new byte[KeySize];
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), (short)type);
        return key;
    }

    /// <summary>The type of a control record; types that are not known here are returned as their number.</summary>
    /// <exception cref="RecordFormatException">The key is missing or too short.</exception>
    public static ControlRecordType ReadType(RecordView record)
    {
        if (record.Key.Length < KeySize)
            throw new RecordFormatException("A control record has no type.");
        return (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(record.Key[2..]);
    }

    /// <summary>The epoch of the transaction coordinator that wrote a commit or abort marker.</summary>
    /// <exception cref="RecordFormatException">The value is too short.</exception>
    public static int ReadCoordinatorEpoch(RecordView record)
    {
        if (record.Value.Length < EndTransactionValueSize)
            throw new RecordFormatException("A transaction marker has no coordinator epoch.");
        return BinaryPrimitives.ReadInt32BigEndian(record.Value[2..]);
    }

    /// <summary>A batch with one control record.</summary>
    /// <param name="type">What it says.</param>
    /// <param name="value">Its value: the message of that type, which begins with its version.</param>
    /// <param name="timestampMs">ms since the epoch.</param>
    /// <param name="options">Offset, leader epoch and producer of the batch.</param>
    public static byte[] Batch(ControlRecordType type, byte[] value, long timestampMs, RecordBatchOptions options)
    {
        var builder = new RecordBatchBuilder(options with { IsControl = true }, RecordBatchLayout.Records + 32 + value.Length);
        builder.Append(timestampMs, Key(type), value);
        return builder.Build();
    }

    /// <summary>A marker that ends a transaction on one partition.</summary>
    /// <param name="commit">Whether it commits or aborts.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="producerEpoch">Its epoch.</param>
    /// <param name="coordinatorEpoch">Epoch of the transaction coordinator, to fence an older one.</param>
    /// <param name="timestampMs">ms since the epoch.</param>
    public static byte[] EndTransactionMarker(
        bool commit, long producerId, short producerEpoch, int coordinatorEpoch, long timestampMs)
    {
        var value = new byte[EndTransactionValueSize];
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(2), coordinatorEpoch);
        var options = new RecordBatchOptions
        {
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            IsTransactional = true,
        };
        return Batch(commit ? ControlRecordType.Commit : ControlRecordType.Abort, value, timestampMs, options);
    }
}
