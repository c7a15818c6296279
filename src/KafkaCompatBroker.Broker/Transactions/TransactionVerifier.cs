using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>
/// Asks the coordinator of a transactional id, here or on another broker, whether partitions are part of its transaction, or to make them so
/// (KIP-890). Any thread.
/// </summary>
public sealed class TransactionVerifier(ClusterView cluster, TransactionCoordinator coordinator, PeerConnections peers, TimeSpan timeout)
{
    /// <summary>The answer for every partition, in order, in the coordinator's own words.</summary>
    public async Task<ErrorCode[]> AskAsync(
        ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, TransactionSupport support, CancellationToken token)
    {
        MetadataImage image = cluster.Image;
        TopicImage? topic = image.Topic(TopicName.TransactionState);
        int leader = topic?.Partition(JavaHash.CoordinatorPartition(claim.TransactionalId, topic.Partitions.Length))?.Leader ?? -1;
        if (leader < 0)
            return Same(partitions, ErrorCode.CoordinatorNotAvailable);
        if (leader != cluster.NodeId)
            return await AskThereAsync(leader, claim, partitions, support).ConfigureAwait(false);
        if (support == TransactionSupport.AddsPartitions)
            return Same(partitions, await coordinator.AddPartitionsAsync(claim, partitions, TransactionState.EpochBumpVersion, token).ConfigureAwait(false));

        VerificationAnswer answer = await coordinator.VerifyAsync(claim, partitions).ConfigureAwait(false);
        return answer.Error != ErrorCode.None
            ? Same(partitions, answer.Error)
            : [.. partitions.Select(partition => answer.Missing.Contains(partition) ? ErrorCode.TransactionAbortable : ErrorCode.None)];
    }

    private static ErrorCode[] Same(IReadOnlyList<TopicPartition> partitions, ErrorCode error) => [.. partitions.Select(_ => error)];

    private async Task<ErrorCode[]> AskThereAsync(int leader, ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, TransactionSupport support)
    {
        AddPartitionsToTxnRequest request = new()
        {
            Transactions =
            [
                new AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction
                {
                    TransactionalId = claim.TransactionalId,
                    ProducerId = claim.ProducerId,
                    ProducerEpoch = claim.ProducerEpoch,
                    VerifyOnly = support != TransactionSupport.AddsPartitions,
                    Topics = [.. partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic =>
                        new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic { Name = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)] })],
                },
            ],
        };
        try
        {
            AddPartitionsToTxnResponse response = await peers.CallAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                leader, request, timeout).ConfigureAwait(false);
            Dictionary<TopicPartition, ErrorCode> answers = response.ResultsByTransaction
                .SelectMany(static transaction => transaction.TopicResults)
                .SelectMany(static topic => topic.ResultsByPartition.Select(partition => (new TopicPartition(topic.Name, partition.PartitionIndex), partition.PartitionErrorCode)))
                .ToDictionary(static answer => answer.Item1, static answer => answer.PartitionErrorCode);
            ErrorCode missing = response.ErrorCode != ErrorCode.None ? response.ErrorCode : ErrorCode.NetworkException;
            return [.. partitions.Select(partition => answers.GetValueOrDefault(partition, missing))];
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or WireFormatException or ObjectDisposedException)
        {
            return Same(partitions, ErrorCode.NetworkException);
        }
    }
}
