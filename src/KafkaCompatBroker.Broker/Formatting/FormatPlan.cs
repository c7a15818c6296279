using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>What formatting gives a node.</summary>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="Node">The node and its directories.</param>
/// <param name="Features">The levels that the cluster begins with.</param>
/// <param name="Voters">The voters that the log begins with, null when they are configuration or not known here.</param>
/// <param name="Records">The records that the log begins with.</param>
internal sealed record FormatPlan(string ClusterId, NodeSettings Node, InitialFeatures Features, VoterSet? Voters, IReadOnlyList<IMessage> Records);
