using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>What an assignor knows of a member.</summary>
/// <param name="MemberId">Id of the member.</param>
/// <param name="InstanceId">Id of a static member, which outlives its member id; null for a dynamic one.</param>
/// <param name="Topics">Ids of the existing topics to which it subscribes; members with the same subscription may share the set.</param>
/// <param name="Target">What the member should have according to the assignment before.</param>
public sealed record AssignorMember(string MemberId, string? InstanceId, IReadOnlySet<Uuid> Topics, PartitionsByTopic Target);
