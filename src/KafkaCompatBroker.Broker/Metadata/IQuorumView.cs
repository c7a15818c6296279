using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What the quorum of controllers looks like from this node; any thread.</summary>
public interface IQuorumView
{
    /// <summary>0 with static voters, 1 with voters that can be changed (KIP-853).</summary>
    short KRaftVersion { get; }

    /// <summary>Who leads, as far as this node knows.</summary>
    Leadership Leadership { get; }

    /// <summary>Raises kraft.version as the leader; completes when that is appended.</summary>
    /// <param name="kraftVersion">The level to run.</param>
    /// <param name="onlyCheck">Whether nothing is to be changed.</param>
    Task<KRaftVersionOutcome> UpgradeAsync(short kraftVersion, bool onlyCheck);

    /// <summary>The quorum as its leader sees it; null when this node does not lead.</summary>
    QuorumDescription? Describe();
}
