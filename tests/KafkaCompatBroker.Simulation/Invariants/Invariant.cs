using System.Runtime.CompilerServices;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>Something that must hold in every history. It watches what nodes do and fails as soon as it does not hold.</summary>
internal abstract class Invariant(History history)
{
    protected History History { get; } = history;

    protected CommittedLog Committed => History.Judge.Committed;

    public virtual void Started(SimulatedNode node) { }

    public virtual void Received(SimulatedNode node, RaftMessage request) { }

    /// <summary>After the request was taken in, and carried out if the disk is fast.</summary>
    public virtual void TakenIn(SimulatedNode node) { }

    public virtual void RoleChanged(SimulatedNode node, RoleKind? before) { }

    /// <summary>Before it is written.</summary>
    public virtual void Writing(SimulatedNode node, QuorumStateRecord state) { }

    public virtual void Sending(SimulatedNode node, RaftMessage message) { }

    /// <summary>After it was written.</summary>
    public virtual void Appended(SimulatedNode node, RaftEntry entry) { }

    public virtual void Truncating(SimulatedNode node, long endOffset) { }

    public virtual void Resetting(SimulatedNode node, LogPosition snapshot) { }

    /// <summary>The disk holds less than before.</summary>
    public virtual void Lost(SimulatedNode node) { }

    /// <summary>Before it is published.</summary>
    public virtual void Publishing(SimulatedNode node, long highWatermark) { }

    public virtual void Applied(SimulatedNode node) { }

    /// <summary>A client was told that its records below the offset are committed.</summary>
    public virtual void Acknowledged(long endOffset, ReadOnlyMemory<byte> bytes) { }

    public virtual void Ended() { }

    protected void Check(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ViolationText what)
    {
        if (!holds) throw new InvariantViolation(GetType().Name, $"{what} ({History.NowMs} ms)");
    }
}
