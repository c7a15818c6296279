using KafkaCompatBroker.Coordination.Groups.Assignors;

namespace KafkaCompatBroker.Coordination.Groups.Share;

/// <summary>A member of a share group, as the log has it.</summary>
internal sealed record ShareMember(string MemberId)
{
    public string? RackId { get; init; }

    public string ClientId { get; init; } = "";

    public string ClientHost { get; init; } = "";

    public string[] TopicNames { get; init; } = [];

    public int Epoch { get; init; }

    public PartitionsByTopic Assigned { get; init; } = PartitionsByTopic.Empty;
}
