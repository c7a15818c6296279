using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What the quorum of controllers looks like from this node; any thread.</summary>
public interface IQuorumView
{
    /// <summary>0 with static voters, 1 with voters that can be changed (KIP-853).</summary>
    short KRaftVersion { get; }

    /// <summary>Who leads, as far as this node knows.</summary>
    Leadership Leadership { get; }

    /// <summary>The quorum as its leader sees it; null when this node does not lead.</summary>
    QuorumDescription? Describe();
}
