namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Why one record made its batch be refused (KIP-467).</summary>
/// <param name="BatchIndex">Which record of the batch, from 0.</param>
/// <param name="Message">What is wrong with it.</param>
public readonly record struct RecordError(int BatchIndex, string Message);
