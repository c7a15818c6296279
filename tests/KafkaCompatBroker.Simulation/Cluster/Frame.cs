using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>A message under way.</summary>
/// <param name="Message">The message.</param>
/// <param name="From">Sending node, -1 for a client.</param>
/// <param name="FromProcess">The sending process.</param>
/// <param name="To">Receiving node.</param>
/// <param name="ToProcess">The only process that may receive it; 0 for whichever runs.</param>
internal sealed record Frame(RaftMessage Message, int From, int FromProcess, int To, int ToProcess);
