using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>What the records of the metadata log build. All methods are called on the driver's thread, in order, and must not block.</summary>
public interface IMetadataStateMachine
{
    /// <summary>Takes the contents of a snapshot for everything before.</summary>
    /// <param name="offset">Offset of the last record that the snapshot replaces.</param>
    /// <param name="epoch">Leader epoch of that record.</param>
    /// <param name="records">The state as records.</param>
    void Load(long offset, int epoch, IEnumerable<IMessage> records);

    /// <summary>Applies committed records.</summary>
    /// <param name="offset">Offset of the last one.</param>
    /// <param name="epoch">Leader epoch of the last one.</param>
    /// <param name="records">In order; none when the log only holds something for the quorum itself there.</param>
    void Committed(long offset, int epoch, IReadOnlyList<IMessage> records);

    /// <summary>Another leader or epoch; when it is this node, everything committed before has been applied.</summary>
    void LeadershipChanged(Leadership leadership);

    /// <summary>
    /// The state as it is now, as records with the version of each. It is enumerated later and on another thread, so it must not change.
    /// </summary>
    IEnumerable<(IMessage Record, short Version)> SnapshotRecords();
}
