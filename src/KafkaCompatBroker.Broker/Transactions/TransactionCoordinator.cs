using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>
/// What handlers ask of the transactional ids that this broker coordinates. An id that is coordinated elsewhere is NOT_COORDINATOR, one whose
/// shard is being loaded COORDINATOR_LOAD_IN_PROGRESS. Any thread.
/// </summary>
public sealed class TransactionCoordinator(CoordinatorRuntime<TransactionShard> runtime, ProducerIds producerIds)
{
    private const long NoSpare = -1;

    /// <summary>Gives a producer id out; with a transactional id, the one that belongs to it.</summary>
    public async Task<ProducerAnswer> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken token)
    {
        if (request.TransactionalId is not null)
            return await AskAsync(request.TransactionalId, (shard, step, spare, reply) => shard.InitProducerId(step, request, spare, reply), token).ConfigureAwait(false);

        (ErrorCode error, long producerId) = await producerIds.NextAsync(token).ConfigureAwait(false);
        return error == ErrorCode.None ? new ProducerAnswer(ErrorCode.None, producerId, 0) : new ProducerAnswer(error);
    }

    /// <summary>Adds partitions to a transaction.</summary>
    public async Task<ErrorCode> AddPartitionsAsync(ProducerClaim claim, IReadOnlyList<TopicPartition> partitions, short clientVersion, CancellationToken token) =>
        (await AskAsync(claim.TransactionalId, (shard, step, _, reply) => shard.AddPartitions(step, claim, partitions, clientVersion, reply), token).ConfigureAwait(false)).Error;

    /// <summary>Tells which partitions are part of a transaction.</summary>
    public async Task<VerificationAnswer> VerifyAsync(ProducerClaim claim, IReadOnlyList<TopicPartition> partitions)
    {
        ShardAnswer<VerificationAnswer> answer = await runtime.AskAsync<VerificationAnswer>(
            claim.TransactionalId, (shard, step, reply) => shard.Verify(step, claim, partitions, reply)).ConfigureAwait(false);
        return answer.Response ?? new VerificationAnswer(answer.Error, []);
    }

    /// <summary>Commits or aborts.</summary>
    public Task<ProducerAnswer> EndAsync(ProducerClaim claim, bool isCommit, bool bumpsEpoch, CancellationToken token) =>
        AskAsync(claim.TransactionalId, (shard, step, spare, reply) => shard.EndTransaction(step, claim, isCommit, bumpsEpoch, spare, reply), token);

    /// <summary>Describes one transactional id.</summary>
    public async Task<DescribeTransactionsResponse.TransactionStateData> DescribeAsync(string transactionalId)
    {
        ShardAnswer<DescribeTransactionsResponse.TransactionStateData> answer = await runtime.AskAsync<DescribeTransactionsResponse.TransactionStateData>(
            transactionalId, (shard, step, reply) => shard.Describe(step, transactionalId, reply)).ConfigureAwait(false);
        return answer.Response ?? new DescribeTransactionsResponse.TransactionStateData { TransactionalId = transactionalId, ErrorCode = answer.Error };
    }

    /// <summary>Lists the transactions that are coordinated here; an error when a shard cannot say.</summary>
    public async Task<ListTransactionsResponse> ListAsync(TransactionFilter filter)
    {
        ShardAnswer<ListTransactionsResponse>[] answers = await runtime.AskAllAsync<ListTransactionsResponse>(
            (shard, step, reply) => shard.List(step, filter, reply)).ConfigureAwait(false);
        // A shard that left in between is somebody else's to list.
        ErrorCode error = Array.Find(answers, answer => answer.Error is not (ErrorCode.None or ErrorCode.NotCoordinator)).Error;
        return error != ErrorCode.None
            ? new ListTransactionsResponse { ErrorCode = error }
            : new ListTransactionsResponse { TransactionStates = [.. answers.SelectMany(static answer => answer.Response?.TransactionStates ?? [])] };
    }

    /// <summary>Notes that the outcome of a transaction stands in all its partitions.</summary>
    public async Task<ErrorCode> MarkersWrittenAsync(int shardPartition, WriteMarkers markers)
    {
        ShardAnswer<ProducerAnswer> answer = await runtime.AskAsync<ProducerAnswer>(
            shardPartition, (shard, step, reply) => shard.MarkersWritten(step, markers.Producer, markers.DecidedMs, reply)).ConfigureAwait(false);
        if (answer.Error != ErrorCode.None)
            return answer.Error;

        // Those who wait for this go on at once, not at the next deadline.
        _ = runtime.AskAsync<ProducerAnswer>(shardPartition, (shard, step, reply) =>
        {
            if (shard.DeadlineMs <= step.NowMs)
                shard.Tick(step);
            step.Answer(reply, new ProducerAnswer(ErrorCode.None));
        }).AsTask();
        return ErrorCode.None;
    }

    private async Task<ProducerAnswer> AskAsync(
        string transactionalId, Action<TransactionShard, ShardStep, long, Reply<ProducerAnswer>> command, CancellationToken token)
    {
        ProducerAnswer first = await OnceAsync(transactionalId, NoSpare, command).ConfigureAwait(false);
        if (!first.NeedsProducerId)
            return first;

        (ErrorCode error, long spare) = await producerIds.NextAsync(token).ConfigureAwait(false);
        return error == ErrorCode.None ? await OnceAsync(transactionalId, spare, command).ConfigureAwait(false) : new ProducerAnswer(error);
    }

    private async Task<ProducerAnswer> OnceAsync(string transactionalId, long spare, Action<TransactionShard, ShardStep, long, Reply<ProducerAnswer>> command)
    {
        ShardAnswer<ProducerAnswer> answer = await runtime.AskAsync<ProducerAnswer>(
            transactionalId, (shard, step, reply) => command(shard, step, spare, reply)).ConfigureAwait(false);
        return answer.Response ?? new ProducerAnswer(answer.Error);
    }
}
