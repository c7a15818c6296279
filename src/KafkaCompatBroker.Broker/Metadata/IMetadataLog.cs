using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Where the active controller writes: the log of the quorum.</summary>
public interface IMetadataLog
{
    /// <summary>Appends records and completes when they are committed, which means durable.</summary>
    /// <param name="records">Records in order, each with the version to write it in.</param>
    /// <param name="atomic">True when a reader must see all of them or none.</param>
    /// <param name="epoch">The epoch of this node's leadership in which they were decided; in another they are refused.</param>
    /// <returns>Offset of the last record.</returns>
    Task<long> AppendAsync(IReadOnlyList<(IMessage Record, short Version)> records, bool atomic, int epoch);
}
