using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>What a fetch request asks for once its session is taken into account.</summary>
/// <param name="Error">Why the session cannot go on; nothing is read then.</param>
/// <param name="Partitions">The partitions to read, in order.</param>
/// <param name="Session">The session, null for a fetch without one.</param>
/// <param name="IsIncremental">Whether the answer names changed partitions only.</param>
/// <param name="Epoch">The session's next epoch when the request was taken; another one at the answer means that it was overtaken.</param>
public readonly record struct FetchPlan(
    ErrorCode Error, FetchedPartition[] Partitions, FetchSession? Session = null, bool IsIncremental = false, int Epoch = 0);

/// <summary>The broker's fetch sessions (KIP-227): one lock around the pure cache, one around each session.</summary>
public sealed class FetchSessions(int slots, long evictionMs, Random random)
{
    /// <summary>A session may lose its slot after this many milliseconds, as in Kafka.</summary>
    public const long EvictionMs = 120_000;

    private const int SessionlessEpoch = -1;
    private const int FullFetchEpoch = 0;
    private const int NoSession = 0;

    private readonly Lock _lock = new();
    private readonly FetchSessionCache _cache = new(slots, evictionMs);

    /// <summary>Number of open sessions.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _cache.Count;
        }
    }

    /// <summary>Finds out what a request asks for: opens, continues or closes its session.</summary>
    public FetchPlan Plan(FetchRequest request, bool usesTopicIds, bool isFollower, long nowMs)
    {
        if (request.SessionEpoch is not (SessionlessEpoch or FullFetchEpoch))
            return Continue(request, usesTopicIds, nowMs);

        FetchedPartition[] asked = Asked(request, usesTopicIds);
        lock (_lock)
        {
            if (request.SessionId != NoSession)
                _cache.Close(request.SessionId);
            if (request.SessionEpoch == SessionlessEpoch || asked.Length == 0)
                return new(ErrorCode.None, asked);

            FetchSession? session = _cache.TryOpen(NewId(), asked, isFollower, usesTopicIds, nowMs);
            return session is null
                ? new(ErrorCode.None, asked)
                : new(ErrorCode.None, session.Partitions(), session, IsIncremental: false, session.NextEpoch);
        }
    }

    /// <summary>
    /// Marks the partitions that the answer names, and remembers in the session what is told unless <paramref name="isTrial"/>.
    /// </summary>
    /// <returns>INVALID_FETCH_SESSION_EPOCH when another request of the session came in between.</returns>
    public static ErrorCode Select(in FetchPlan plan, FetchRead[] reads, Span<bool> isNamed, bool isTrial = false)
    {
        if (plan.Session is not { } session)
        {
            isNamed.Fill(true);
            return ErrorCode.None;
        }

        lock (session)
        {
            if (session.NextEpoch != plan.Epoch)
                return ErrorCode.InvalidFetchSessionEpoch;

            for (int i = 0; i < reads.Length; i++)
            {
                FetchedPartition partition = reads[i].Asked;
                FetchedPartitionAnswer answer = reads[i].Answer;
                isNamed[i] = !plan.IsIncremental || partition.HasNews(answer);
                if (!isNamed[i] || isTrial)
                    continue;

                partition.Answered(answer);
                if (plan.IsIncremental && answer.RecordsSizeBytes > 0)
                    session.ReadLater(partition);
            }
        }

        return ErrorCode.None;
    }

    /// <summary>Takes back what was opened for a fetch that is answered without it.</summary>
    public void Abandon(in FetchPlan plan)
    {
        if (plan is not { Session: { } session, IsIncremental: false })
            return;

        lock (_lock)
            _cache.Close(session.Id);
    }

    private FetchPlan Continue(FetchRequest request, bool usesTopicIds, long nowMs)
    {
        FetchSession? session;
        lock (_lock)
            session = _cache.Find(request.SessionId);
        if (session is null)
            return new(ErrorCode.FetchSessionIdNotFound, []);

        FetchPlan plan;
        lock (session)
        {
            ErrorCode error = session.Check(request.SessionEpoch, usesTopicIds);
            if (error != ErrorCode.None)
                return new(error, []);

            foreach (FetchedPartition partition in Asked(request, usesTopicIds))
                session.Ask(partition);
            foreach (FetchRequest.ForgottenTopic topic in request.ForgottenTopicsData)
            {
                foreach (int index in topic.Partitions)
                    session.Forget(Key(usesTopicIds, topic.TopicId, topic.Topic, index));
            }

            session.Advance();
            plan = new(ErrorCode.None, session.Partitions(), session, IsIncremental: true, session.NextEpoch);
        }

        lock (_lock)
        {
            if (plan.Partitions.Length > 0)
            {
                _cache.Touch(session, nowMs);
                return plan;
            }

            _cache.Close(session.Id);
            return new(ErrorCode.None, []);
        }
    }

    private static FetchedPartition[] Asked(FetchRequest request, bool usesTopicIds)
    {
        int count = 0;
        foreach (FetchRequest.FetchTopic topic in request.Topics)
            count += topic.Partitions.Length;

        FetchedPartition[] asked = new FetchedPartition[count];
        int next = 0;
        foreach (FetchRequest.FetchTopic topic in request.Topics)
        {
            foreach (FetchRequest.FetchPartition partition in topic.Partitions)
            {
                asked[next++] = new FetchedPartition(Key(usesTopicIds, topic.TopicId, topic.Topic, partition.Partition))
                {
                    FetchOffset = partition.FetchOffset,
                    BytesMax = partition.PartitionMaxBytes,
                    CurrentLeaderEpoch = partition.CurrentLeaderEpoch,
                    LastFetchedEpoch = partition.LastFetchedEpoch,
                    FollowerLogStartOffset = partition.LogStartOffset,
                };
            }
        }

        return asked;
    }

    private static FetchedPartitionKey Key(bool usesTopicIds, Uuid topicId, string topic, int partition) =>
        usesTopicIds ? new(topicId, "", partition) : new(Uuid.Zero, topic, partition);

    private int NewId()
    {
        while (true)
        {
            int id = random.Next(1, int.MaxValue);
            if (_cache.IsFree(id))
                return id;
        }
    }
}
