using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker;

/// <summary>Every log event of the broker.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(1, LogLevel.Error, "{Api} v{Version} on connection {Connection} failed; the connection is closed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, ApiKey api, short version, long connection);

    [LoggerMessage(100, LogLevel.Error, "Snapshot {Path} is damaged and is not used: {Reason}")]
    public static partial void SnapshotDamaged(ILogger logger, string path, string reason);

    [LoggerMessage(101, LogLevel.Information, "Metadata quorum: epoch {Epoch}, leader {Leader}")]
    public static partial void QuorumLeadership(ILogger logger, int epoch, int leader);

    [LoggerMessage(102, LogLevel.Information, "Snapshot {Name} of the metadata log is written")]
    public static partial void SnapshotWritten(ILogger logger, string name);

    [LoggerMessage(103, LogLevel.Warning, "Snapshot {Name} of the metadata log could not be written; it is tried again later")]
    public static partial void SnapshotFailed(ILogger logger, Exception exception, string name);

    [LoggerMessage(104, LogLevel.Information, "Snapshot {Name} is deleted; the metadata log now starts at {StartOffset}")]
    public static partial void SnapshotDeleted(ILogger logger, string name, long startOffset);

    [LoggerMessage(105, LogLevel.Error, "The disk of the metadata log is full, metadata cannot change until there is room: {Reason}")]
    public static partial void MetadataLogFull(ILogger logger, string reason);

    [LoggerMessage(106, LogLevel.Critical, "The metadata log failed")]
    public static partial void MetadataLogFailed(ILogger logger, Exception exception);

    [LoggerMessage(107, LogLevel.Warning, "Heartbeat of broker {NodeId} failed: {Reason}")]
    public static partial void HeartbeatFailed(ILogger logger, int nodeId, string reason);

    [LoggerMessage(108, LogLevel.Warning, "The controller could not do what is due: {Reason}")]
    public static partial void ChoreFailed(ILogger logger, string reason);

    [LoggerMessage(109, LogLevel.Information, "Node {NodeId} is the active controller of epoch {Epoch}")]
    public static partial void ControllerActive(ILogger logger, int nodeId, int epoch);

    [LoggerMessage(110, LogLevel.Warning, "Node {NodeId} did not become the active controller of epoch {Epoch}: {Reason}")]
    public static partial void ActivationFailed(ILogger logger, int nodeId, int epoch, string reason);

    [LoggerMessage(111, LogLevel.Warning, "Controller {NodeId} is not registered yet: {Reason}")]
    public static partial void ControllerRegistrationFailed(ILogger logger, int nodeId, string reason);

    [LoggerMessage(112, LogLevel.Information, "Snapshot {Name} of the leader takes the place of the metadata log")]
    public static partial void SnapshotLoaded(ILogger logger, string name);

    [LoggerMessage(200, LogLevel.Information, "[BrokerServer id={NodeId}] Transition from STARTING to RECOVERY")]
    public static partial void Recovering(ILogger logger, int nodeId);

    // Scripts and test containers wait for these words.
    [LoggerMessage(201, LogLevel.Information, "[BrokerServer id={NodeId}] Transitioning from RECOVERY to RUNNING")]
    public static partial void Running(ILogger logger, int nodeId);

    [LoggerMessage(205, LogLevel.Information, "[ControllerServer id={NodeId}] Transition from STARTING to STARTED")]
    public static partial void ControllerRunning(ILogger logger, int nodeId);

    [LoggerMessage(202, LogLevel.Information, "[BrokerServer id={NodeId}] Stopping")]
    public static partial void Stopping(ILogger logger, int nodeId);

    [LoggerMessage(203, LogLevel.Information, "[BrokerServer id={NodeId}] Stopped")]
    public static partial void Stopped(ILogger logger, int nodeId);

    [LoggerMessage(204, LogLevel.Error, "Stopping the {Part} failed; the next start may have to recover")]
    public static partial void StopFailed(ILogger logger, Exception cause, string part);

    [LoggerMessage(210, LogLevel.Error, "The log of {Partition} cannot be opened; the replica is offline")]
    public static partial void PartitionOffline(ILogger logger, Exception cause, TopicPartition partition);

    [LoggerMessage(211, LogLevel.Information, "{Partition} follows broker {LeaderId} in epoch {Epoch} from offset {Offset} on")]
    public static partial void Following(ILogger logger, TopicPartition partition, int leaderId, int epoch, long offset);

    [LoggerMessage(212, LogLevel.Warning, "Nothing can be fetched from broker {LeaderId}: {Reason}")]
    public static partial void LeaderUnreachable(ILogger logger, int leaderId, string reason);

    [LoggerMessage(213, LogLevel.Information, "{Partition} was cut to offset {Offset}, as its leader, broker {LeaderId}, has it")]
    public static partial void CopyCut(ILogger logger, TopicPartition partition, long offset, int leaderId);

    [LoggerMessage(214, LogLevel.Information, "{Partition} cannot follow broker {LeaderId} now: {Error}")]
    public static partial void FollowRefused(ILogger logger, TopicPartition partition, int leaderId, ErrorCode error);

    [LoggerMessage(215, LogLevel.Error, "{Partition} cannot take what broker {LeaderId} sent at offset {Offset}: {Error} {Reason}")]
    public static partial void CopyFailed(ILogger logger, TopicPartition partition, int leaderId, long offset, ErrorCode error, string? reason);

    [LoggerMessage(216, LogLevel.Error, "Fetching from broker {LeaderId} failed; it is tried again")]
    public static partial void FetcherFailed(ILogger logger, Exception cause, int leaderId);

    [LoggerMessage(230, LogLevel.Information, "The in-sync replicas of {Partition} are {Isr} in partition epoch {Epoch}")]
    public static partial void InSyncReplicasChanged(ILogger logger, TopicPartition partition, string isr, int epoch);

    [LoggerMessage(231, LogLevel.Information, "The in-sync replicas of {Partition} stay as they are: {Error}")]
    public static partial void ProposalRefused(ILogger logger, TopicPartition partition, ErrorCode error);

    [LoggerMessage(232, LogLevel.Warning, "Proposals of in-sync replicas for {Count} partitions are sent again: {Error}")]
    public static partial void ProposalsDelayed(ILogger logger, int count, ErrorCode error);

    [LoggerMessage(233, LogLevel.Warning, "Proposals of in-sync replicas for {Count} partitions could not be sent")]
    public static partial void ProposalsFailed(ILogger logger, Exception cause, int count);

    [LoggerMessage(300, LogLevel.Information, "Coordinator of {Partition} in epoch {Epoch}: {Records} records, {Bytes} bytes loaded in {Ms} ms, {Unknown} of unknown types")]
    public static partial void CoordinatorLoaded(ILogger logger, TopicPartition partition, int epoch, long records, long bytes, long ms, long unknown);

    [LoggerMessage(301, LogLevel.Error, "The log of {Partition} cannot be loaded; its coordinator does not serve until another election")]
    public static partial void CoordinatorLoadFailed(ILogger logger, Exception cause, TopicPartition partition);

    [LoggerMessage(302, LogLevel.Warning, "{Partition} refused records of its coordinator: {Error}")]
    public static partial void CoordinatorWriteRefused(ILogger logger, TopicPartition partition, ErrorCode error);

    [LoggerMessage(303, LogLevel.Error, "The coordinator of {Topic}-{Partition} failed; it is loaded again from its log")]
    public static partial void CoordinatorFailed(ILogger logger, Exception cause, string topic, int partition);

    [LoggerMessage(310, LogLevel.Error, "Markers of transactional id {TransactionalId} could not be delivered; they are sent again")]
    public static partial void MarkersFailed(ILogger logger, Exception cause, string transactionalId);

    [LoggerMessage(311, LogLevel.Warning, "Transaction markers for broker {BrokerId} are delayed: {Reason}")]
    public static partial void MarkersDelayed(ILogger logger, int brokerId, string reason);

    [LoggerMessage(220, LogLevel.Information, "{Partition} moved from {From} to {To}")]
    public static partial void ReplicaMoved(ILogger logger, TopicPartition partition, string from, string to);

    [LoggerMessage(221, LogLevel.Error, "{Partition} cannot be moved to {To} and stays where it is: {Reason}")]
    public static partial void MoveFailed(ILogger logger, TopicPartition partition, string to, string reason);
}
