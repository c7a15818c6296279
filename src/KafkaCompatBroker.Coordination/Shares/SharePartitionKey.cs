using System.Globalization;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Shares;

/// <summary>A partition as one share group sees it: what the share coordinator keeps state for (KIP-932).</summary>
/// <param name="GroupId">The group.</param>
/// <param name="TopicId">The topic.</param>
/// <param name="Partition">The partition's number.</param>
public readonly record struct SharePartitionKey(string GroupId, Uuid TopicId, int Partition)
{
    /// <summary>The key that FindCoordinator takes; its hash says which partition of <c>__share_group_state</c> holds the state.</summary>
    public string CoordinatorKey => string.Create(CultureInfo.InvariantCulture, $"{GroupId}:{TopicId}:{Partition}");
}
