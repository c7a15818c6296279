using System.Collections.Concurrent;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>
/// Brings the outcome of transactions to their partitions, here at once and to other brokers by WriteTxnMarkers, and tries again until every partition
/// has it, is deleted, or has a newer coordinator. Nothing survives a crash: the coordinator's log says what has to be delivered.
/// </summary>
public sealed class MarkerDelivery(
    PartitionHost host, TransactionCoordinator coordinator, MarkerWriter writer, PeerConnections peers, TimeProvider time, ILogger logger)
{
    private const int Nobody = -1;
    private const int Gone = -2;
    private const int FirstPauseMs = 20;
    private const int LongestPauseMs = 1_000;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(ProducerClaim Producer, int CoordinatorEpoch, long DecidedMs), bool> _active = new();
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Begins a delivery; nothing when it is under way.</summary>
    public void Deliver(int shardPartition, WriteMarkers markers)
    {
        if (_active.TryAdd(KeyOf(markers), true))
            _ = DeliverAsync(shardPartition, markers);
    }

    /// <summary>Gives up what is under way: the broker stops.</summary>
    public void Stop() => _stopped.Cancel();

    private static (ProducerClaim Producer, int CoordinatorEpoch, long DecidedMs) KeyOf(WriteMarkers markers) =>
        (markers.Producer, markers.CoordinatorEpoch, markers.DecidedMs);

    private async Task DeliverAsync(int shardPartition, WriteMarkers markers)
    {
        try
        {
            if (await WriteAllAsync(markers).ConfigureAwait(false))
                await CompleteAsync(shardPartition, markers).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The next coordinator goes on.
        }
        catch (Exception cause)
        {
            // Shell loop: a failure nobody foresaw costs one delivery, which the shard asks for again.
            BrokerLog.MarkersFailed(logger, cause, markers.Producer.TransactionalId);
        }
        finally
        {
            _active.TryRemove(KeyOf(markers), out _);
        }
    }

    /// <summary>False when a newer coordinator has taken over.</summary>
    private async Task<bool> WriteAllAsync(WriteMarkers markers)
    {
        TopicPartition[] left = [.. markers.Partitions];
        for (int pauseMs = FirstPauseMs; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
        {
            (TopicPartition Partition, ErrorCode Error)[] outcomes = await WriteOnceAsync(left, markers).ConfigureAwait(false);
            if (outcomes.Any(static outcome => outcome.Error == ErrorCode.TransactionCoordinatorFenced))
                return false;

            left = [.. outcomes.Where(static outcome => !IsSettled(outcome.Error)).Select(static outcome => outcome.Partition)];
            if (left.Length == 0)
                return true;
            await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), time, _stopped.Token).ConfigureAwait(false);
        }
    }

    private async Task CompleteAsync(int shardPartition, WriteMarkers markers)
    {
        for (int pauseMs = FirstPauseMs; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
        {
            ErrorCode error = await coordinator.MarkersWrittenAsync(shardPartition, markers).ConfigureAwait(false);
            if (error is ErrorCode.None or ErrorCode.NotCoordinator or ErrorCode.CoordinatorLoadInProgress)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), time, _stopped.Token).ConfigureAwait(false);
        }
    }

    // An epoch that is above that of the marker has nothing open that the marker could end.
    private static bool IsSettled(ErrorCode error) => error is ErrorCode.None or ErrorCode.InvalidProducerEpoch;

    private async Task<(TopicPartition Partition, ErrorCode Error)[]> WriteOnceAsync(TopicPartition[] partitions, WriteMarkers markers)
    {
        List<Task<(TopicPartition, ErrorCode)[]>> works = [];
        foreach (IGrouping<int, TopicPartition> group in partitions.GroupBy(LeaderOf))
        {
            if (group.Key == Nobody)
                works.Add(Task.FromResult(group.Select(static partition => (partition, ErrorCode.LeaderNotAvailable)).ToArray()));
            else if (group.Key == host.BrokerId)
                works.AddRange(group.Select(partition => WriteHereAsync(partition, markers)));
            else if (group.Key != Gone)
                works.Add(WriteThereAsync(group.Key, [.. group], markers));
        }

        return [.. (await Task.WhenAll(works).ConfigureAwait(false)).SelectMany(static outcomes => outcomes)];
    }

    private int LeaderOf(TopicPartition name)
    {
        PartitionImage? partition = host.Image.Topic(name.Topic)?.Partition(name.Partition);
        return partition is null ? Gone : partition.Leader < 0 ? Nobody : partition.Leader;
    }

    private async Task<(TopicPartition Partition, ErrorCode Error)[]> WriteHereAsync(TopicPartition partition, WriteMarkers markers)
    {
        TransactionMarker marker = new(
            markers.Producer.ProducerId, markers.Producer.ProducerEpoch, markers.CoordinatorEpoch, markers.IsCommit, markers.TransactionVersion);
        return [(partition, await writer.WriteAsync(partition, marker).ConfigureAwait(false))];
    }

    private async Task<(TopicPartition Partition, ErrorCode Error)[]> WriteThereAsync(int brokerId, TopicPartition[] partitions, WriteMarkers markers)
    {
        WriteTxnMarkersRequest request = new()
        {
            Markers =
            [
                new WriteTxnMarkersRequest.WritableTxnMarker
                {
                    ProducerId = markers.Producer.ProducerId,
                    ProducerEpoch = markers.Producer.ProducerEpoch,
                    TransactionResult = markers.IsCommit,
                    CoordinatorEpoch = markers.CoordinatorEpoch,
                    TransactionVersion = (sbyte)markers.TransactionVersion,
                    Topics = [.. partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic =>
                        new WriteTxnMarkersRequest.WritableTxnMarkerTopic { Name = topic.Key, PartitionIndexes = [.. topic.Select(static partition => partition.Partition)] })],
                },
            ],
        };
        try
        {
            WriteTxnMarkersResponse response = await peers.CallAsync<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
                brokerId, request, CallTimeout).WaitAsync(_stopped.Token).ConfigureAwait(false);
            Dictionary<TopicPartition, ErrorCode> answers = response.Markers
                .SelectMany(static marker => marker.Topics)
                .SelectMany(static topic => topic.Partitions.Select(partition => (new TopicPartition(topic.Name, partition.PartitionIndex), partition.ErrorCode)))
                .ToDictionary(static answer => answer.Item1, static answer => answer.ErrorCode);
            return [.. partitions.Select(partition => (partition, answers.GetValueOrDefault(partition, ErrorCode.UnknownServerError)))];
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException or ObjectDisposedException)
        {
            BrokerLog.MarkersDelayed(logger, brokerId, cause.Message);
            return [.. partitions.Select(static partition => (partition, ErrorCode.NetworkException))];
        }
    }
}
