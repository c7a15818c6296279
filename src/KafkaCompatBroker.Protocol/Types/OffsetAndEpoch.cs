namespace KafkaCompatBroker.Protocol.Types;

/// <summary>A place in a log: an offset and the leader epoch it belongs to.</summary>
public readonly record struct OffsetAndEpoch(long Offset, int Epoch);
