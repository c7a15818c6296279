using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>Names a partition as a fetcher does: by topic id since Fetch v13, by topic name before.</summary>
/// <param name="TopicId">The id, <see cref="Uuid.Zero"/> when the fetcher uses names.</param>
/// <param name="Topic">The name, empty when the fetcher uses ids.</param>
/// <param name="Partition">Partition index.</param>
public readonly record struct FetchedPartitionKey(Uuid TopicId, string Topic, int Partition);

/// <summary>One partition of a fetch: what is asked, and in a session also what was answered last.</summary>
/// <param name="key">The partition as the fetcher names it.</param>
public sealed class FetchedPartition(FetchedPartitionKey key) : ChainLink<FetchedPartition>
{
    private long _answeredHighWatermark = -1;
    private long _answeredLogStartOffset = -1;

    /// <summary>The partition as the fetcher names it.</summary>
    public FetchedPartitionKey Key { get; } = key;

    /// <summary>First offset wanted.</summary>
    public long FetchOffset { get; set; }

    /// <summary>Most bytes wanted from this partition.</summary>
    public int BytesMax { get; set; }

    /// <summary>Leader epoch that the fetcher believes in, -1 when it does not say.</summary>
    public int CurrentLeaderEpoch { get; set; } = -1;

    /// <summary>Epoch of the last record the fetcher has, -1 when it does not say (KIP-595).</summary>
    public int LastFetchedEpoch { get; set; } = -1;

    /// <summary>Log start offset of a follower, -1 for consumers.</summary>
    public long FollowerLogStartOffset { get; set; } = -1;

    /// <summary>Takes over what a later fetch of the session asks.</summary>
    /// <param name="asked">The partition in the later request.</param>
    public void Ask(FetchedPartition asked)
    {
        FetchOffset = asked.FetchOffset;
        BytesMax = asked.BytesMax;
        CurrentLeaderEpoch = asked.CurrentLeaderEpoch;
        LastFetchedEpoch = asked.LastFetchedEpoch;
        FollowerLogStartOffset = asked.FollowerLogStartOffset;
    }

    /// <summary>Whether an incremental answer must name this partition (KIP-227): it has news for the fetcher.</summary>
    /// <param name="answer">The outcome of reading it.</param>
    public bool HasNews(in FetchedPartitionAnswer answer) =>
        answer.RecordsSizeBytes > 0
        || answer.HasError
        || answer.IsDiverging
        || answer.NamesAnotherReplica
        || answer.HighWatermark != _answeredHighWatermark
        || answer.LogStartOffset != _answeredLogStartOffset;

    /// <summary>The high watermark that the session's fetcher was told last; <see cref="long.MaxValue"/> when that is not known.</summary>
    public long KnownHighWatermark => _answeredHighWatermark >= 0 ? _answeredHighWatermark : long.MaxValue;

    /// <summary>Remembers what the fetcher is told now.</summary>
    /// <param name="answer">The outcome of reading it.</param>
    public void Answered(in FetchedPartitionAnswer answer)
    {
        // An error must be told again next time, and recovery from it too.
        _answeredHighWatermark = answer.HasError ? -1 : answer.HighWatermark;
        _answeredLogStartOffset = answer.LogStartOffset;
    }
}

/// <summary>The part of a partition's answer that decides whether an incremental fetch names it.</summary>
/// <param name="HasError">Whether the answer is an error.</param>
/// <param name="IsDiverging">Whether it tells the fetcher to truncate.</param>
/// <param name="RecordsSizeBytes">Bytes of records.</param>
/// <param name="HighWatermark">The high watermark answered.</param>
/// <param name="LogStartOffset">The log start offset answered.</param>
public readonly record struct FetchedPartitionAnswer(
    bool HasError, bool IsDiverging, int RecordsSizeBytes, long HighWatermark, long LogStartOffset)
{
    /// <summary>Whether it sends the fetcher to another replica (KIP-392).</summary>
    public bool NamesAnotherReplica { get; init; }
}

/// <summary>
/// An incremental fetch session (KIP-227): the partitions a fetcher follows, in the order in which they are read. Pure and not
/// thread-safe: the shell locks it. Lost at restart; the fetcher then opens another.
/// </summary>
public sealed class FetchSession
{
    private readonly Dictionary<FetchedPartitionKey, FetchedPartition> _byKey = [];
    private readonly Chain<FetchedPartition> _inOrder = new();

    internal FetchSession(int id, bool isPrivileged, bool usesTopicIds, long nowMs)
    {
        Id = id;
        IsPrivileged = isPrivileged;
        UsesTopicIds = usesTopicIds;
        CreatedMs = nowMs;
        LastUsedMs = nowMs;
    }

    /// <summary>Positive id, unique among the sessions of a broker.</summary>
    public int Id { get; }

    /// <summary>Whether a follower owns it; followers' sessions are not evicted for consumers'.</summary>
    public bool IsPrivileged { get; }

    /// <summary>Whether the fetcher names topics by id. It may not change within a session.</summary>
    public bool UsesTopicIds { get; }

    /// <summary>When it was created, in milliseconds.</summary>
    public long CreatedMs { get; }

    /// <summary>When it was used last, in milliseconds.</summary>
    public long LastUsedMs { get; internal set; }

    /// <summary>The epoch that the next request of this session must carry.</summary>
    public int NextEpoch { get; private set; } = 1;

    /// <summary>Number of partitions.</summary>
    public int Count => _byKey.Count;

    /// <summary>Number of partitions when the cache looked last.</summary>
    internal int CachedCount { get; set; }

    /// <summary>Checks that a request continues this session.</summary>
    /// <param name="epoch">The epoch of the request.</param>
    /// <param name="usesTopicIds">Whether the request names topics by id.</param>
    /// <returns>
    /// <see cref="ErrorCode.InvalidFetchSessionEpoch"/>, <see cref="ErrorCode.FetchSessionTopicIdError"/>, or
    /// <see cref="ErrorCode.None"/>.
    /// </returns>
    public ErrorCode Check(int epoch, bool usesTopicIds)
    {
        if (epoch != NextEpoch)
            return ErrorCode.InvalidFetchSessionEpoch;
        return usesTopicIds == UsesTopicIds ? ErrorCode.None : ErrorCode.FetchSessionTopicIdError;
    }

    /// <summary>Moves to the next epoch, which wraps to 1: 0 and -1 have meanings of their own.</summary>
    public void Advance() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    /// <summary>Adds a partition or takes over what is asked of it now.</summary>
    /// <param name="asked">The partition in the request.</param>
    public void Ask(FetchedPartition asked)
    {
        if (_byKey.TryGetValue(asked.Key, out FetchedPartition? known))
        {
            known.Ask(asked);
            return;
        }

        _byKey.Add(asked.Key, asked);
        _inOrder.Insert(asked, _inOrder.Last);
    }

    /// <summary>Removes a partition.</summary>
    /// <param name="key">The partition as the fetcher names it.</param>
    public void Forget(FetchedPartitionKey key)
    {
        if (_byKey.Remove(key, out FetchedPartition? partition))
            _inOrder.Remove(partition);
    }

    /// <summary>Copies the partitions in reading order.</summary>
    public FetchedPartition[] Partitions()
    {
        FetchedPartition[] partitions = new FetchedPartition[_byKey.Count];
        int index = 0;
        for (FetchedPartition? partition = _inOrder.First; partition is not null; partition = partition.Next)
            partitions[index++] = partition;
        return partitions;
    }

    /// <summary>Puts a partition behind all others after it gave records, so that a byte limit starves none.</summary>
    /// <param name="partition">A partition of this session.</param>
    public void ReadLater(FetchedPartition partition)
    {
        if (ReferenceEquals(partition, _inOrder.Last) || !_byKey.ContainsKey(partition.Key))
            return;

        _inOrder.Remove(partition);
        _inOrder.Insert(partition, _inOrder.Last);
    }
}
