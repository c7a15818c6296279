using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>OffsetCommit, TxnOffsetCommit and OffsetDelete.</summary>
internal sealed class OffsetCommands(GroupTable table, OffsetTable offsets)
{
    /// <summary>From this version on a client is told that there is no such group (KIP-848).</summary>
    private const short FirstVersionWithGroupNotFound = 9;

    public void Commit(ShardStep step, GroupClient client, OffsetCommitRequest request, Reply<OffsetCommitResponse> reply)
    {
        ErrorCode error = CheckCommit(client, request);
        if (error == ErrorCode.None && table.TryFind(request.GroupId, out Group? group)) group.OffsetsCommitted(step, request.MemberId);

        long expireTimestampMs = request.RetentionTimeMs < 0 ? -1 : step.WallClockMs + request.RetentionTimeMs;
        var response = new OffsetCommitResponse { Topics = new OffsetCommitResponse.OffsetCommitResponseTopic[request.Topics.Length] };
        for (int i = 0; i < request.Topics.Length; i++)
        {
            OffsetCommitRequest.OffsetCommitRequestTopic topic = request.Topics[i];
            response.Topics[i] = new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = error != ErrorCode.None ? error : Write(step, request.GroupId, new TopicPartition(topic.Name, partition.PartitionIndex), new OffsetCommitValue
                    {
                        Offset = partition.CommittedOffset,
                        LeaderEpoch = partition.CommittedLeaderEpoch,
                        Metadata = partition.CommittedMetadata ?? "",
                        CommitTimestamp = step.WallClockMs,
                        ExpireTimestamp = expireTimestampMs,
                        TopicId = topic.TopicId,
                    }),
                })],
            };
        }

        step.Answer(reply, response);
    }

    public void CommitInTransaction(ShardStep step, GroupClient client, TxnOffsetCommitRequest request, Reply<TxnOffsetCommitResponse> reply)
    {
        ErrorCode error = CheckCommitInTransaction(client, request);
        step.BelongTo(request.ProducerId, request.ProducerEpoch);
        step.Answer(reply, new TxnOffsetCommitResponse
        {
            Topics = [.. request.Topics.Select(topic => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = error != ErrorCode.None ? error : Write(step, request.GroupId, new TopicPartition(topic.Name, partition.PartitionIndex), new OffsetCommitValue
                    {
                        Offset = partition.CommittedOffset,
                        LeaderEpoch = partition.CommittedLeaderEpoch,
                        Metadata = partition.CommittedMetadata ?? "",
                        CommitTimestamp = step.WallClockMs,
                        TopicId = topic.TopicId,
                    }),
                })],
            })],
        });
    }

    public void Delete(ShardStep step, OffsetDeleteRequest request, Reply<OffsetDeleteResponse> reply)
    {
        if (request.GroupId.Length == 0)
        {
            step.Answer(reply, new OffsetDeleteResponse { ErrorCode = ErrorCode.InvalidGroupId });
            return;
        }

        ErrorCode error = table.TryFind(request.GroupId, out Group? group) ? group.CheckOffsetDelete() : ErrorCode.GroupIdNotFound;
        if (error != ErrorCode.None || group is null)
        {
            step.Answer(reply, new OffsetDeleteResponse { ErrorCode = error });
            return;
        }

        step.Answer(reply, new OffsetDeleteResponse
        {
            Topics = [.. request.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = Delete(step, group, new TopicPartition(topic.Name, partition.PartitionIndex)),
                })],
            })],
        });
    }

    private ErrorCode CheckCommit(GroupClient client, OffsetCommitRequest request)
    {
        if (!table.TryFind(request.GroupId, out Group? group))
        {
            // Whoever is no member may commit to a group that does not exist; it comes to be with its first offset.
            if (request.GenerationIdOrMemberEpoch < 0) return ErrorCode.None;
            return client.ApiVersion >= FirstVersionWithGroupNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
        }

        ErrorCode error = group.CheckOffsetCommit(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, isTransactional: false, client.ApiVersion);
        if (error != ErrorCode.None) return error;
        foreach (OffsetCommitRequest.OffsetCommitRequestTopic topic in request.Topics)
        {
            foreach (OffsetCommitRequest.OffsetCommitRequestPartition partition in topic.Partitions)
            {
                error = group.CheckOffsetCommitOf(request.MemberId, request.GenerationIdOrMemberEpoch, topic.TopicId, new TopicPartition(topic.Name, partition.PartitionIndex));
                if (error != ErrorCode.None) return error;
            }
        }

        return ErrorCode.None;
    }

    private ErrorCode CheckCommitInTransaction(GroupClient client, TxnOffsetCommitRequest request)
    {
        if (!table.TryFind(request.GroupId, out Group? group)) return request.GenerationIdOrMemberEpoch < 0 ? ErrorCode.None : ErrorCode.IllegalGeneration;
        ErrorCode error = group.CheckOffsetCommit(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, isTransactional: true, client.ApiVersion);
        foreach (TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic in request.Topics)
        {
            foreach (TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition partition in topic.Partitions)
            {
                if (error != ErrorCode.None) break;
                error = group.CheckOffsetCommitOf(request.MemberId, request.GenerationIdOrMemberEpoch, topic.TopicId, new TopicPartition(topic.Name, partition.PartitionIndex));
            }
        }

        // Producers know nothing of epochs of members.
        return error == ErrorCode.StaleMemberEpoch ? ErrorCode.IllegalGeneration : error;
    }

    private ErrorCode Write(ShardStep step, string groupId, TopicPartition partition, OffsetCommitValue value)
    {
        if (value.Metadata.Length > table.Settings.OffsetMetadataMaxBytes) return ErrorCode.OffsetMetadataTooLarge;
        step.Write(OffsetRecords.Commit(groupId, partition, value));
        return ErrorCode.None;
    }

    private ErrorCode Delete(ShardStep step, Group group, TopicPartition partition)
    {
        if (group.IsSubscribedTo(partition.Topic)) return ErrorCode.GroupSubscribedToTopic;
        bool exists = offsets.Find(group.GroupId, partition) is not null || offsets.IsPending(group.GroupId, partition);
        if (exists) step.Write(OffsetRecords.Tombstone(group.GroupId, partition));
        return ErrorCode.None;
    }
}
