using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Shares;

/// <summary>
/// The state of share groups that one partition of <c>__share_group_state</c> holds (KIP-932): read in summary, and deleted with its group. What members
/// of share groups change (the states of single records) is written by brokers that serve them; it stays in the log as it is.
/// </summary>
public sealed class ShareStateShard : ICoordinatorShard
{
    private readonly Dictionary<SharePartitionKey, ShareState> _states = [];
    private MetadataImage _image = MetadataImage.Empty;

    /// <inheritdoc/>
    public long DeadlineMs => long.MaxValue;

    /// <inheritdoc/>
    public void Apply(in CoordinatorRecord record, in RecordOrigin origin)
    {
        switch (record.Key)
        {
            case ShareSnapshotKey key when record.Value is ShareSnapshotValue value:
                _states[new(key.GroupId, key.TopicId, key.Partition)] = ShareState.Of(value);
                break;
            case ShareSnapshotKey key:
                _states.Remove(new(key.GroupId, key.TopicId, key.Partition));
                break;
            case ShareUpdateKey key when record.Value is ShareUpdateValue value:
                SharePartitionKey updated = new(key.GroupId, key.TopicId, key.Partition);
                // Without its snapshot an update is what is left of a deleted state.
                if (_states.TryGetValue(updated, out ShareState? state)) _states[updated] = state.With(value);
                break;
        }
    }

    /// <inheritdoc/>
    public void ApplyMarker(long producerId, short producerEpoch, bool isCommit)
    {
    }

    /// <inheritdoc/>
    public void Loaded(ShardStep step, MetadataImage image) => _image = image;

    /// <inheritdoc/>
    public void MetadataChanged(ShardStep step, MetadataImage image, MetadataChanges changes)
    {
        _image = image;
        if (changes.DeletedTopics.Count == 0) return;
        foreach (SharePartitionKey key in _states.Keys.Where(key => changes.DeletedTopics.ContainsKey(key.TopicId))) step.Write(Tombstone(key));
    }

    /// <inheritdoc/>
    public void Tick(ShardStep step)
    {
    }

    /// <inheritdoc/>
    public void Unload(ShardStep step)
    {
    }

    /// <summary>Tells where a group stands in a partition.</summary>
    public void Read(ShardStep step, SharePartitionKey key, Reply<ShareStateAnswer> reply) =>
        step.Answer(reply, Check(key) is var error && error != ErrorCode.None
            ? ShareStateAnswer.Refused(error)
            : new ShareStateAnswer(ErrorCode.None, _states.GetValueOrDefault(key, ShareState.None)));

    /// <summary>Deletes the state of a partition; there may be none.</summary>
    public void Delete(ShardStep step, SharePartitionKey key, Reply<ShareStateAnswer> reply)
    {
        if (_states.ContainsKey(key)) step.Write(Tombstone(key));
        step.Answer(reply, new ShareStateAnswer(IsValid(key) ? ErrorCode.None : ErrorCode.InvalidRequest, ShareState.None));
    }

    private static CoordinatorRecord Tombstone(SharePartitionKey key) =>
        CoordinatorRecord.Tombstone(new ShareSnapshotKey { GroupId = key.GroupId, TopicId = key.TopicId, Partition = key.Partition });

    private static bool IsValid(SharePartitionKey key) => key.TopicId != Uuid.Zero && key.Partition >= 0;

    private ErrorCode Check(SharePartitionKey key) =>
        !IsValid(key) ? ErrorCode.InvalidRequest
        : _image.Topic(key.TopicId)?.Partition(key.Partition) is null ? ErrorCode.UnknownTopicOrPartition
        : ErrorCode.None;
}
