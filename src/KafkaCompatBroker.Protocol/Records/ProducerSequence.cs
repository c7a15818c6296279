namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Arithmetic of producer sequence numbers, which run from 0 to 2^31-1 and begin again at 0.</summary>
public static class ProducerSequence
{
    /// <summary>The sequence number <paramref name="count"/> records after <paramref name="sequence"/>.</summary>
    public static int Add(int sequence, int count) => (int)(((long)sequence + count) & int.MaxValue);
}
