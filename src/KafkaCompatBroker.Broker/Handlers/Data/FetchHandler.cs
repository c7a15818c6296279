using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// Fetch (key 1), v4-v18. Answers once min bytes are there, an error is found, or max wait is over; whole batches are slices of the
/// mapped log. v4 isolation level and aborted transactions (KIP-98), v7 sessions (KIP-227), v9 current leader epoch (KIP-320), v11 any
/// replica may serve consumers (KIP-392), v12 diverging epochs (KIP-595), v13 topic ids (KIP-516), v15 replica state (KIP-903), v16
/// current leader and node endpoints (KIP-951), v17 directory ids (KIP-853), v18 high watermark of followers (KIP-1166).
/// A consumer over its quota gets an empty answer (KIP-219).
/// </summary>
public sealed class FetchHandler(PartitionHost host, FetchSessions sessions, DelayedFetches delayed, int bytesMax)
    : IRequestHandler<FetchRequest, FetchResponse>
{
    private const short TopicIdVersion = 13;
    private const short AnyReplicaVersion = 11;
    private const int ConsumerReplicaId = -1;
    private const sbyte ReadCommitted = 1;
    private const int SizePrefixBytes = 4;

    public static ApiVersionRange Versions => new(4, 18);

    public static bool MayOverlap => true;

    public ValueTask<FetchResponse> HandleAsync(RequestContext context, FetchRequest request, CancellationToken token)
    {
        FetchParameters parameters = Parameters(context, request);
        bool usesTopicIds = context.ApiVersion >= TopicIdVersion;
        FetchPlan plan = sessions.Plan(request, usesTopicIds, parameters.IsFollower, context.NowMs);
        if (plan.Error != ErrorCode.None)
            return new(new FetchResponse { ErrorCode = plan.Error });

        if (parameters.IsFollower)
            context.Quota?.ExemptTime();
        FetchOperation operation = new(delayed, parameters, Locate(plan.Partitions, usesTopicIds));
        operation.Read();
        return operation.IsSatisfied || request.MaxWaitMs <= 0
            ? new(Answer(context, parameters, plan, operation))
            : WaitAsync(context, parameters, plan, operation, request.MaxWaitMs, token);
    }

    private async ValueTask<FetchResponse> WaitAsync(
        RequestContext context, FetchParameters parameters, FetchPlan plan, FetchOperation operation, int waitMsMax, CancellationToken token)
    {
        await operation.WaitAsync(waitMsMax, token);
        return Answer(context, parameters, plan, operation);
    }

    private FetchParameters Parameters(RequestContext context, FetchRequest request)
    {
        int replicaId = request.ReplicaId != ConsumerReplicaId ? request.ReplicaId : request.ReplicaState.ReplicaId;
        ReadLimit limit = replicaId != ConsumerReplicaId
            ? ReadLimit.LogEnd
            : request.IsolationLevel == ReadCommitted ? ReadLimit.LastStableOffset : ReadLimit.HighWatermark;
        int most = Math.Min(request.MaxBytes, bytesMax);
        if (replicaId < 0 && context.Quota is { } quota)
            most = Math.Min(most, quota.FetchBytesMax);
        bool mustLead = replicaId >= 0 || (replicaId == ConsumerReplicaId && context.ApiVersion < AnyReplicaVersion);
        long replicaEpoch = request.ReplicaState.ReplicaEpoch;
        return new(replicaId, limit, mustLead, Math.Min(request.MinBytes, most), most, context.NowMs)
        {
            ReplicaEpoch = replicaEpoch,
            Throttle = replicaId >= 0 ? host.Throttles.Leaders : null,
            Nearby = replicaId < 0 && host.PrefersNearbyReplicas && !string.IsNullOrEmpty(request.RackId) ? Nearby(request.RackId, context.ListenerName) : null,
            Follower = replicaId >= 0 ? FollowerStandings.Of(host.Image, replicaId, replicaEpoch) : FollowerStanding.Ineligible,
        };
    }

    private NearbyReader Nearby(string rack, string listener) =>
        new(rack, broker => host.Image.IsAlive(broker) ? host.Endpoints([broker], listener).FirstOrDefault().Rack : null);

    private FetchRead[] Locate(FetchedPartition[] partitions, bool usesTopicIds)
    {
        FetchRead[] reads = new FetchRead[partitions.Length];
        for (int i = 0; i < reads.Length; i++)
        {
            ref FetchRead read = ref reads[i];
            FetchedPartitionKey key = partitions[i].Key;
            read.Asked = partitions[i];
            read.LookupError = usesTopicIds
                ? host.Find(key.TopicId, key.Partition, out read.Partition)
                : host.Find(key.Topic, key.Partition, out read.Partition);
            if (read.LookupError == ErrorCode.NotLeaderOrFollower)
                read.Elsewhere = usesTopicIds ? host.Placement(key.TopicId, key.Partition) : host.Placement(key.Topic, key.Partition);
        }

        return reads;
    }

    private FetchResponse Answer(RequestContext context, in FetchParameters parameters, in FetchPlan plan, FetchOperation operation)
    {
        operation.MoveLeases(context.AddLease);
        if (!parameters.IsFollower && context.Quota is { } quota && Respond(context, plan, operation.Reads, isTrial: true) is { ErrorCode: ErrorCode.None } trial
            && quota.IsFetchThrottled(SizePrefixBytes + trial.Size(context.ApiVersion)))
        {
            // The client asks again for what it does not get now, so nothing of it may be remembered.
            sessions.Abandon(plan);
            return new FetchResponse { SessionId = plan.IsIncremental ? trial.SessionId : 0 };
        }

        return Respond(context, plan, operation.Reads, isTrial: false);
    }

    private FetchResponse Respond(RequestContext context, in FetchPlan plan, FetchRead[] reads, bool isTrial)
    {
        bool[] isNamed = new bool[reads.Length];
        ErrorCode error = FetchSessions.Select(plan, reads, isNamed, isTrial);
        if (error != ErrorCode.None)
            return new FetchResponse { ErrorCode = error };

        FetchResponse response = new() { SessionId = plan.Session?.Id ?? 0 };
        HashSet<int>? leaders = null;
        response.Responses = FetchAnswers.Group(reads, isNamed, context.ApiVersion, ref leaders);
        if (leaders is not null)
            response.NodeEndpoints = [.. host.Endpoints(leaders, context.ListenerName).Select(FetchAnswers.Endpoint)];
        return response;
    }
}
