namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Records or compressed bytes are malformed. The only exception that bytes can cause here.</summary>
public sealed class RecordFormatException : Exception
{
    /// <summary>Says what is wrong with the bytes.</summary>
    public RecordFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong with the bytes, as another library found.</summary>
    public RecordFormatException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
