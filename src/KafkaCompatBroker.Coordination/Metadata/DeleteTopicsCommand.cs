using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.DeleteTopicsRequest;
using static KafkaCompatBroker.Protocol.Messages.DeleteTopicsResponse;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides DeleteTopics: by name, from v6 also by id (KIP-516).</summary>
internal static class DeleteTopicsCommand
{
    private const string UnknownNameText = "This server does not host this topic-partition.";
    private const string UnknownIdText = "This server does not host this topic ID.";

    public static Decision<DeleteTopicsResponse> Decide(ControllerContext context, DeleteTopicsRequest request, MutationQuota? quota)
    {
        if (!context.Settings.IsTopicDeletionEnabled) return Decision<DeleteTopicsResponse>.Answer(Disabled(request));
        var results = new List<DeletableTopicResult>();
        var toDelete = new Dictionary<Uuid, TopicImage>();
        foreach (IGrouping<(string? Name, Uuid Id), DeleteTopicState> group in All(request).GroupBy(static state => (state.Name, state.TopicId)))
        {
            CommandError? error = Find(context.Image, group.Key.Name, group.Key.Id, group.Count(), out TopicImage? topic);
            if (error is null && !toDelete.TryAdd(topic!.Id, topic))
            {
                // Named twice, once by name and once by id: neither is trusted.
                results.RemoveAll(result => result.TopicId == topic.Id && result.ErrorCode == ErrorCode.None);
                error = new CommandError(ErrorCode.InvalidRequest, "The provided topic name maps to an ID that was already supplied.");
            }

            results.Add(new DeletableTopicResult
            {
                Name = topic?.Name ?? group.Key.Name,
                TopicId = topic?.Id ?? group.Key.Id,
                ErrorCode = error?.Code ?? ErrorCode.None,
                ErrorMessage = error?.Message,
            });
        }

        foreach (DeletableTopicResult result in results)
        {
            if (result.ErrorCode != ErrorCode.None || quota?.TryTake(toDelete[result.TopicId].Partitions.Length) != false) continue;
            result.ErrorCode = CommandError.QuotaExceeded.Code;
            result.ErrorMessage = CommandError.QuotaExceeded.Message;
        }

        IMessage[] records =
        [
            .. results.Where(static result => result.ErrorCode == ErrorCode.None)
                .Select(static result => new RemoveTopicRecord { TopicId = result.TopicId }),
        ];
        return new Decision<DeleteTopicsResponse>(records, new DeleteTopicsResponse { Responses = [.. results] });
    }

    private static DeleteTopicsResponse Disabled(DeleteTopicsRequest request) => new()
    {
        Responses =
        [
            .. All(request).Select(static state => new DeletableTopicResult
            {
                Name = state.Name,
                TopicId = state.TopicId,
                ErrorCode = ErrorCode.TopicDeletionDisabled,
                ErrorMessage = "Topic deletion is disabled.",
            }),
        ],
    };

    private static IEnumerable<DeleteTopicState> All(DeleteTopicsRequest request) =>
        request.Topics.Concat(request.TopicNames.Select(static name => new DeleteTopicState { Name = name }));

    private static CommandError? Find(MetadataImage image, string? name, Uuid id, int mentions, out TopicImage? topic)
    {
        topic = null;
        bool hasId = id != default;
        if (name is not null && hasId)
            return new CommandError(ErrorCode.InvalidRequest, "You may not specify both topic name and topic id.");
        if (name is null && !hasId) return new CommandError(ErrorCode.InvalidRequest, "Neither topic name nor id were specified.");
        if (mentions > 1) return new CommandError(ErrorCode.InvalidRequest, hasId ? "Duplicate topic id." : "Duplicate topic name.");
        topic = hasId ? image.Topic(id) : image.Topic(name!);
        if (topic is not null) return null;
        return hasId
            ? new CommandError(ErrorCode.UnknownTopicId, UnknownIdText)
            : new CommandError(ErrorCode.UnknownTopicOrPartition, UnknownNameText);
    }
}
