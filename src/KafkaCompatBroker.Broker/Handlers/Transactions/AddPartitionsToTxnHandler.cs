using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.AddPartitionsToTxnRequest;
using static KafkaCompatBroker.Protocol.Messages.AddPartitionsToTxnResponse;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// AddPartitionsToTxn (key 24), v0-v5: adds partitions to the transaction of a producer, all or none: beside an unknown one the others get
/// OPERATION_NOT_ATTEMPTED. v2 knows PRODUCER_FENCED. v4 is for brokers (KIP-890): many transactions at once, and verification only, where a partition that
/// does not take part is TRANSACTION_ABORTABLE.
/// </summary>
public sealed class AddPartitionsToTxnHandler(TransactionCoordinator coordinator, ClusterView cluster)
    : IRequestHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>
{
    private const short FencedVersion = 2;
    private const short BatchedVersion = 4;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(Protocol.Messages.ApiKey.AddPartitionsToTxn);

    public async ValueTask<AddPartitionsToTxnResponse> HandleAsync(RequestContext context, AddPartitionsToTxnRequest request, CancellationToken token)
    {
        if (context.ApiVersion < BatchedVersion)
        {
            ProducerClaim claim = new(request.V3AndBelowTransactionalId, request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch);
            bool knowsFenced = context.ApiVersion >= FencedVersion;
            return new AddPartitionsToTxnResponse
            {
                ResultsByTopicV3AndBelow = await AnswerAsync(claim, request.V3AndBelowTopics, clientVersion: 0, isVerification: false, knowsFenced, token),
            };
        }

        if (request.Transactions.Length == 0)
            return new AddPartitionsToTxnResponse { ErrorCode = ErrorCode.InvalidRequest };

        return new AddPartitionsToTxnResponse
        {
            ResultsByTransaction = await Task.WhenAll(request.Transactions.Select(transaction => AnswerAsync(transaction, token))),
        };
    }

    private async Task<AddPartitionsToTxnResult> AnswerAsync(AddPartitionsToTxnTransaction transaction, CancellationToken token)
    {
        ProducerClaim claim = new(transaction.TransactionalId, transaction.ProducerId, transaction.ProducerEpoch);
        return new AddPartitionsToTxnResult
        {
            TransactionalId = transaction.TransactionalId,
            TopicResults = await AnswerAsync(claim, transaction.Topics, TransactionState.EpochBumpVersion, transaction.VerifyOnly, knowsFenced: true, token),
        };
    }

    private async Task<AddPartitionsToTxnTopicResult[]> AnswerAsync(
        ProducerClaim claim, AddPartitionsToTxnTopic[] topics, short clientVersion, bool isVerification, bool knowsFenced, CancellationToken token)
    {
        TopicPartition[] partitions = [.. topics.SelectMany(static topic => topic.Partitions.Select(index => new TopicPartition(topic.Name, index))).Distinct()];
        Func<TopicPartition, ErrorCode> errorOf;
        if (partitions.Any(IsUnknown))
        {
            errorOf = partition => IsUnknown(partition) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.OperationNotAttempted;
        }
        else if (isVerification)
        {
            VerificationAnswer answer = await coordinator.VerifyAsync(claim, partitions).ConfigureAwait(false);
            errorOf = partition => answer.Missing.Contains(partition) ? ErrorCode.TransactionAbortable : answer.Error;
        }
        else
        {
            ErrorCode error = TransactionRequests.Fencing(
                await coordinator.AddPartitionsAsync(claim, partitions, clientVersion, token).ConfigureAwait(false), knowsFenced);
            errorOf = _ => error;
        }

        return [.. topics.Select(topic => new AddPartitionsToTxnTopicResult
        {
            Name = topic.Name,
            ResultsByPartition = [.. topic.Partitions.Select(index => new AddPartitionsToTxnPartitionResult
            {
                PartitionIndex = index,
                PartitionErrorCode = errorOf(new TopicPartition(topic.Name, index)),
            })],
        })];
    }

    private bool IsUnknown(TopicPartition partition) => cluster.Image.Topic(partition.Topic)?.Partition(partition.Partition) is null;
}
