using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// Produce (key 0), v3-v13. Appends one batch a partition, then answers: acks=1 at once, acks=-1 when all in-sync replicas have it,
/// acks=0 never (an error closes the connection). v3 magic 2 and transactional ids (KIP-98), v5 log start offset, v7 zstd (KIP-110),
/// v8 record errors (KIP-467), v10 current leader (KIP-951), v11 TRANSACTION_ABORTABLE, v13 topic ids (KIP-516). Where a transaction begins its coordinator is asked
/// first: whether it knows of the partition, from v12 on to add it (KIP-890). NOT_ENOUGH_REPLICAS, which clients try again, while it has no answer.
/// </summary>
public sealed class ProduceHandler(PartitionHost host, TimerQueue timers, TransactionVerifier verifier) : IRequestHandler<ProduceRequest, ProduceResponse?>
{
    // Tools that repair the log of a coordinator by hand say so by this name; the coordinator sees it when it loads again.
    private const string AdministratorsClientId = "__admin_client";

    private const short AbortableVersion = 11;
    private const short AddsPartitionsVersion = 12;

    private const short TopicIdVersion = 13;
    private const short ZstdVersion = 7;
    private const short CurrentLeaderVersion = 10;

    public static ApiVersionRange Versions => new(3, 13);

    public static bool MayOverlap => true;

    public ValueTask<ProduceResponse?> HandleAsync(RequestContext context, ProduceRequest request, CancellationToken token)
    {
        Task turn = context.Session.LastVerification;
        ProduceVerification? verification = null;
        return turn.IsCompleted && (string.IsNullOrEmpty(request.TransactionalId) || (verification = Verification(context, request)) is null)
            ? Append(context, request, null)
            : InTurnAsync(turn, context, request, verification, token);
    }

    /// <summary>Appends once the coordinator has answered; later requests of the connection wait, so that its records keep their order.</summary>
    private async ValueTask<ProduceResponse?> InTurnAsync(
        Task turn, RequestContext context, ProduceRequest request, ProduceVerification? verification, CancellationToken token)
    {
        TaskCompletionSource done = new();
        context.Session.LastVerification = done.Task;
        ValueTask<ProduceResponse?> answer;
        try
        {
            await turn.ConfigureAwait(false);
            verification ??= string.IsNullOrEmpty(request.TransactionalId) ? null : Verification(context, request);
            if (verification is not null)
                await verification.AskAsync(verifier, token).ConfigureAwait(false);
            answer = Append(context, request, verification);
        }
        finally
        {
            done.SetResult();
        }

        return await answer.ConfigureAwait(false);
    }

    /// <summary>What the coordinator of the transaction has to be asked; null when every partition knows the transaction.</summary>
    private ProduceVerification? Verification(RequestContext context, ProduceRequest request)
    {
        TransactionSupport support = context.ApiVersion switch
        {
            >= AddsPartitionsVersion => TransactionSupport.AddsPartitions,
            AbortableVersion => TransactionSupport.Abortable,
            _ => TransactionSupport.Plain,
        };
        ProduceVerification verification = new(request.TransactionalId!, support);
        foreach (ProduceRequest.TopicProduceData topic in request.TopicData)
        {
            foreach (ProduceRequest.PartitionProduceData data in topic.PartitionData)
            {
                if (Locate(context, topic, data, new()) is { } partition)
                    verification.Add(partition, data.Records!.Value, context.NowMs);
            }
        }

        return verification.IsEmpty ? null : verification;
    }

    private ValueTask<ProduceResponse?> Append(RequestContext context, ProduceRequest request, ProduceVerification? verification)
    {
        ErrorCode refused = ProduceChecks.OfRequest(request);
        var topics = new ProduceResponse.TopicProduceResponse[request.TopicData.Length];
        ProduceProgress progress = new() { Verification = verification };
        for (int i = 0; i < topics.Length; i++)
            topics[i] = Append(context, request, request.TopicData[i], refused, ref progress);

        ProduceResponse response = new() { Responses = topics };
        if (progress.Leaders is { } leaders)
            response.NodeEndpoints = [.. host.Endpoints(leaders, context.ListenerName).Select(Endpoint)];
        if (request.Acks == 0)
            return progress.HasError ? throw new CloseConnectionException("produce with acks=0 failed") : default;
        return progress.Pending is { } pending ? WaitAsync(pending, request.TimeoutMs, response) : new(response);
    }

    private static async ValueTask<ProduceResponse?> WaitAsync(PendingProduce pending, int timeoutMs, ProduceResponse response)
    {
        await pending.WaitAsync(timeoutMs);
        return response;
    }

    private ProduceResponse.TopicProduceResponse Append(
        RequestContext context,
        ProduceRequest request,
        ProduceRequest.TopicProduceData topic,
        ErrorCode refused,
        ref ProduceProgress progress)
    {
        var answers = new ProduceResponse.PartitionProduceResponse[topic.PartitionData.Length];
        for (int i = 0; i < answers.Length; i++)
        {
            ProduceRequest.PartitionProduceData data = topic.PartitionData[i];
            ProduceResponse.PartitionProduceResponse answer = new() { Index = data.Index, ErrorCode = refused, BaseOffset = -1 };
            answers[i] = answer;
            if (refused == ErrorCode.None && Locate(context, topic, data, answer) is { } partition)
                Append(context, request, data, partition, answer, ref progress);
            else if (answer.ErrorCode == ErrorCode.NotLeaderOrFollower && Placement(context, topic, data.Index) is { } elsewhere)
                TellLeader(context.ApiVersion, answer, elsewhere.Leader, elsewhere.LeaderEpoch, ref progress);
            progress.HasError |= answer.ErrorCode != ErrorCode.None;
        }

        return new() { Name = topic.Name, TopicId = topic.TopicId, PartitionResponses = answers };
    }

    /// <summary>Finds the replica and checks the shape of the records; null with the error in the answer.</summary>
    private Partition? Locate(
        RequestContext context,
        ProduceRequest.TopicProduceData topic,
        ProduceRequest.PartitionProduceData data,
        ProduceResponse.PartitionProduceResponse answer)
    {
        answer.ErrorCode = context.ApiVersion >= TopicIdVersion
            ? host.Find(topic.TopicId, data.Index, out Partition? partition)
            : host.Find(topic.Name, data.Index, out partition);
        if (partition is null)
            return null;

        if (TopicName.IsInternal(partition.Name.Topic) && context.ClientId != AdministratorsClientId)
        {
            // Its coordinator would not know what stands in its log.
            answer.ErrorCode = ErrorCode.InvalidTopicException;
            return null;
        }

        answer.ErrorCode = ProduceChecks.OfRecords(data.Records, context.ApiVersion < ZstdVersion, out string? message);
        answer.ErrorMessage = message;
        return answer.ErrorCode == ErrorCode.None ? partition : null;
    }

    private void Append(
        RequestContext context,
        ProduceRequest request,
        ProduceRequest.PartitionProduceData data,
        Partition partition,
        ProduceResponse.PartitionProduceResponse answer,
        ref ProduceProgress progress)
    {
        answer.ErrorCode = ProduceChecks.OfAcks(request.Acks);
        if (answer.ErrorCode != ErrorCode.None)
            return;

        VerificationGuard? guard = null;
        if (progress.Verification is { } verification)
        {
            answer.ErrorCode = verification.Check(partition, out guard, out string? message);
            answer.ErrorMessage = message;
            if (answer.ErrorCode != ErrorCode.None)
                return;
        }

        AppendOutcome outcome = partition.Append(
            data.Records!.Value, request.Acks, context.NowMs, context.ApiVersion >= ZstdVersion, out PartitionView view, guard);
        answer.ErrorCode = outcome.Error;
        answer.LogStartOffset = TellsLogStart(outcome.Error) ? outcome.LogStartOffset : -1;
        if (outcome.Error != ErrorCode.None)
        {
            Explain(context.ApiVersion, answer, outcome, view, ref progress);
            return;
        }

        answer.BaseOffset = outcome.BaseOffset;
        answer.LogAppendTimeMs = outcome.LogAppendTimeMs;
        if (request.Acks == -1 && view.HighWatermark <= outcome.LastOffset)
            (progress.Pending ??= new(timers)).Add(partition, view.LeaderEpoch, outcome.LastOffset + 1, answer);
    }

    private static void Explain(
        short version,
        ProduceResponse.PartitionProduceResponse answer,
        in AppendOutcome outcome,
        in PartitionView view,
        ref ProduceProgress progress)
    {
        answer.ErrorMessage = outcome.Message;
        if (outcome.RecordErrors.Count > 0)
            answer.RecordErrors = [.. outcome.RecordErrors.Select(error =>
                new ProduceResponse.BatchIndexAndErrorMessage { BatchIndex = error.BatchIndex, BatchIndexErrorMessage = error.Message })];
        if (outcome.Error == ErrorCode.NotLeaderOrFollower)
            TellLeader(version, answer, view.Leader, view.LeaderEpoch, ref progress);
    }

    private static void TellLeader(short version, ProduceResponse.PartitionProduceResponse answer, int leader, int leaderEpoch, ref ProduceProgress progress)
    {
        if (leader < 0 || version < CurrentLeaderVersion)
            return;

        answer.CurrentLeader = new() { LeaderId = leader, LeaderEpoch = leaderEpoch };
        (progress.Leaders ??= []).Add(leader);
    }

    private PartitionImage? Placement(RequestContext context, ProduceRequest.TopicProduceData topic, int index) =>
        context.ApiVersion >= TopicIdVersion ? host.Placement(topic.TopicId, index) : host.Placement(topic.Name, index);

    /// <summary>Kafka tells the log start offset with errors that concern single records, not with those of the batch or the log.</summary>
    private static bool TellsLogStart(ErrorCode error) => error is not (
        ErrorCode.NotLeaderOrFollower
        or ErrorCode.NotEnoughReplicas
        or ErrorCode.CorruptMessage
        or ErrorCode.MessageTooLarge
        or ErrorCode.RecordListTooLarge
        or ErrorCode.UnsupportedCompressionType
        or ErrorCode.KafkaStorageError);

    private static ProduceResponse.NodeEndpoint Endpoint(BrokerEndpoint endpoint) =>
        new() { NodeId = endpoint.NodeId, Host = endpoint.Host, Port = endpoint.Port, Rack = endpoint.Rack };

    /// <summary>What the partitions of one request have led to so far.</summary>
    private struct ProduceProgress
    {
        public ProduceVerification? Verification;
        public PendingProduce? Pending;
        public HashSet<int>? Leaders;
        public bool HasError;
    }
}
