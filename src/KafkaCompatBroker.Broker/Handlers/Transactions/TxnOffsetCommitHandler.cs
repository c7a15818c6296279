using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Handlers.Groups;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Policies;
using static KafkaCompatBroker.Protocol.Messages.TxnOffsetCommitRequest;
using static KafkaCompatBroker.Protocol.Messages.TxnOffsetCommitResponse;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// TxnOffsetCommit (key 28), v0-v6: keeps offsets of a group that count when the transaction commits. The first of a transaction waits until its
/// coordinator confirms the offsets partition, from v5 on adds it (KIP-890). v3 fences by member and generation (KIP-447), v4 knows
/// TRANSACTION_ABORTABLE, v6 has topic ids. Partitions that do not exist are UNKNOWN_TOPIC_OR_PARTITION or UNKNOWN_TOPIC_ID and do not come before the group.
/// </summary>
public sealed class TxnOffsetCommitHandler(CoordinatorRuntime<GroupShard> groups, PartitionHost host, TransactionVerifier verifier)
    : IRequestHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    private const short AbortableVersion = 4;
    private const short AddsPartitionsVersion = 5;
    private const short TopicIdVersion = 6;
    private const int NoSequence = -1;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(Protocol.Messages.ApiKey.TxnOffsetCommit);

    public async ValueTask<TxnOffsetCommitResponse> HandleAsync(RequestContext context, TxnOffsetCommitRequest request, CancellationToken token)
    {
        TxnOffsetCommitRequestTopic[] asked = request.Topics;
        Dictionary<(TxnOffsetCommitRequestTopic Topic, int Partition), ErrorCode> answers = [];
        bool isById = context.ApiVersion >= TopicIdVersion;
        request.Topics = [.. asked.Select(topic => Existing(topic, isById, answers)).Where(static topic => topic.Partitions.Length > 0)];
        if (request.Topics.Length > 0)
        {
            (ErrorCode error, TxnOffsetCommitResponse? response) = await CommitAsync(context, request, token).ConfigureAwait(false);
            Dictionary<(string, int), ErrorCode> given = (response?.Topics ?? [])
                .SelectMany(static topic => topic.Partitions.Select(partition => (topic.Name, partition.PartitionIndex, partition.ErrorCode)))
                .DistinctBy(static answer => (answer.Name, answer.PartitionIndex))
                .ToDictionary(static answer => (answer.Name, answer.PartitionIndex), static answer => answer.ErrorCode);
            foreach (TxnOffsetCommitRequestTopic topic in asked)
            {
                foreach (TxnOffsetCommitRequestPartition partition in topic.Partitions)
                    answers.TryAdd((topic, partition.PartitionIndex), given.GetValueOrDefault((topic.Name, partition.PartitionIndex), error));
            }
        }

        return new TxnOffsetCommitResponse
        {
            Topics = [.. asked.Select(topic => new TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new TxnOffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = answers[(topic, partition.PartitionIndex)],
                })],
            })],
        };
    }

    /// <summary>The topic with what exists of it, its name filled in; errors for the rest.</summary>
    private TxnOffsetCommitRequestTopic Existing(
        TxnOffsetCommitRequestTopic topic, bool isById, Dictionary<(TxnOffsetCommitRequestTopic Topic, int Partition), ErrorCode> answers)
    {
        TopicImage? known = isById ? host.Image.Topic(topic.TopicId) : host.Image.Topic(topic.Name);
        ErrorCode error = isById && known is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
        if (known is not null)
            topic.Name = known.Name;
        foreach (TxnOffsetCommitRequestPartition partition in topic.Partitions)
        {
            if (known?.Partition(partition.PartitionIndex) is null)
                answers[(topic, partition.PartitionIndex)] = error;
        }

        return new TxnOffsetCommitRequestTopic
        {
            Name = topic.Name,
            TopicId = topic.TopicId,
            Partitions = [.. topic.Partitions.Where(partition => known?.Partition(partition.PartitionIndex) is not null)],
        };
    }

    private async Task<(ErrorCode Error, TxnOffsetCommitResponse? Response)> CommitAsync(RequestContext context, TxnOffsetCommitRequest request, CancellationToken token)
    {
        if (request.GroupId.Length == 0)
            return (ErrorCode.InvalidGroupId, null);
        if (groups.PartitionOf(request.GroupId) is not { } index || host.Find(TopicName.GroupMetadata, index, out Partition? partition) != ErrorCode.None || partition is null)
            return (ErrorCode.NotCoordinator, null);

        TransactionSupport support = context.ApiVersion switch
        {
            >= AddsPartitionsVersion => TransactionSupport.AddsPartitions,
            AbortableVersion => TransactionSupport.Abortable,
            _ => TransactionSupport.Plain,
        };
        VerificationGuard? guard = partition.Log.Producers.BeginVerification(request.ProducerId, request.ProducerEpoch, NoSequence, startsAtZero: support == TransactionSupport.AddsPartitions, context.NowMs);
        if (guard is not null && (support == TransactionSupport.AddsPartitions || partition.Log.Config.VerifiesTransactions))
        {
            ProducerClaim claim = new(request.TransactionalId, request.ProducerId, request.ProducerEpoch);
            ErrorCode error = support.Translate((await verifier.AskAsync(claim, [partition.Name], support, token).ConfigureAwait(false))[0]);
            if (error != ErrorCode.None)
                return (TransactionSupports.IsPassing(error) ? ErrorCode.CoordinatorLoadInProgress : error, null);
        }

        GroupClient client = context.Client();
        bool isVerified = true;
        ShardAnswer<TxnOffsetCommitResponse> answer = await groups.AskAsync<TxnOffsetCommitResponse>(request.GroupId, (shard, step, reply) =>
        {
            // Inside the mailbox, where markers are written too: between this look and the append the transaction cannot end.
            isVerified = partition.Log.Producers.IsVerified(request.ProducerId, request.ProducerEpoch, guard);
            if (isVerified)
                shard.TxnOffsetCommit(step, client, request, reply);
            else
                step.Answer(reply, new TxnOffsetCommitResponse());
        }).ConfigureAwait(false);
        return isVerified ? (answer.Error, answer.Response) : (ErrorCode.InvalidTxnState, null);
    }
}
