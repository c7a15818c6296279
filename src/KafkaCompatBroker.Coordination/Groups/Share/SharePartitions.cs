using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Share;

/// <summary>Partitions for which a share group has, or may have, state with the share coordinator; or why they are not told.</summary>
/// <param name="Error">GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, or None.</param>
/// <param name="Partitions">Empty with an error.</param>
public sealed record SharePartitions(ErrorCode Error, IReadOnlyList<(Uuid Topic, int Partition)> Partitions)
{
    /// <summary>No partitions, for a reason.</summary>
    public static SharePartitions Refused(ErrorCode error) => new(error, []);
}
