using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>What a client was told to be committed is in the committed log where it was said to be.</summary>
internal sealed class AcknowledgedIsCommitted(History history) : Invariant(history)
{
    private readonly List<(long EndOffset, ReadOnlyMemory<byte> Bytes)> _acknowledged = [];

    public override void Acknowledged(long endOffset, ReadOnlyMemory<byte> bytes) => _acknowledged.Add((endOffset, bytes));

    public override void Ended()
    {
        foreach (var (endOffset, bytes) in _acknowledged)
            Check(Committed.At(endOffset - 1) is { } entry && entry.Bytes.Span.SequenceEqual(bytes.Span), $"Records below {endOffset} were acknowledged and are gone.");
    }
}
