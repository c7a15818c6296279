using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>Writes transaction markers to the partitions that this broker leads; those of committed offsets go through their coordinator.</summary>
/// <param name="host">The replicas of this broker.</param>
/// <param name="timers">Bounds the wait for replicas.</param>
/// <param name="time">Timestamps of markers.</param>
/// <param name="groupMarkers">Writes the marker to one partition of the offsets topic.</param>
/// <param name="commitTimeoutMs">How long a marker may wait for the replicas, in milliseconds.</param>
public sealed class MarkerWriter(
    PartitionHost host, TimerQueue timers, TimeProvider time, Func<int, TransactionMarker, Task<ErrorCode>> groupMarkers, int commitTimeoutMs)
{
    /// <summary>Appends a marker and waits until it is committed.</summary>
    public async Task<ErrorCode> WriteAsync(TopicPartition name, TransactionMarker marker)
    {
        ErrorCode error = host.Find(name.Topic, name.Partition, out Partition? partition);
        if (partition is null)
            return error;
        if (name.Topic == TopicName.GroupMetadata)
            return OfGroups(await groupMarkers(name.Partition, marker).ConfigureAwait(false));

        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] batch = ControlRecords.EndTransactionMarker(marker.IsCommit, marker.ProducerId, marker.ProducerEpoch, marker.CoordinatorEpoch, nowMs);
        AppendOutcome outcome = partition.AppendMarker(batch, marker.TransactionVersion, nowMs, out PartitionView after);
        if (outcome.Error != ErrorCode.None || after.HighWatermark > outcome.LastOffset)
            return outcome.Error;

        ProduceResponse.PartitionProduceResponse answer = new();
        PendingProduce pending = new(timers);
        pending.Add(partition, after.LeaderEpoch, outcome.LastOffset + 1, answer);
        await pending.WaitAsync(commitTimeoutMs).ConfigureAwait(false);
        return answer.ErrorCode;
    }

    // Whoever sends markers looks for leaders, not for coordinators.
    private static ErrorCode OfGroups(ErrorCode error) => error switch
    {
        ErrorCode.NotCoordinator or ErrorCode.CoordinatorLoadInProgress => ErrorCode.NotLeaderOrFollower,
        ErrorCode.CoordinatorNotAvailable => ErrorCode.NotEnoughReplicas,
        _ => error,
    };
}
