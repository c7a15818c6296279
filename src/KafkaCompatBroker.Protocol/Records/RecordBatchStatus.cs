namespace KafkaCompatBroker.Protocol.Records;

/// <summary>What <see cref="RecordBatchView.TryRead"/> found at the start of some bytes.</summary>
public enum RecordBatchStatus
{
    /// <summary>A whole batch whose header can be read. Its checksum and records are not looked at.</summary>
    Ok,

    /// <summary>The bytes end before the batch does: the end of a fetch or of a torn log.</summary>
    NeedMoreBytes,

    /// <summary>No batch can begin like this: impossible length or unknown magic.</summary>
    Corrupt,
}
