using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

internal sealed class ControllerMachine : IStateMachine
{
    private readonly DigestMachine _digest = new();

    public ulong Digest => _digest.Digest;

    public void Apply(RaftEntry entry) => _digest.Apply(entry);

    public object Save() => _digest.Save();

    public void Load(object? state) => _digest.Load(state);

    public (byte[] Bytes, int Records)? Decide(SimulatedRandom random, long nowMs) => _digest.Decide(random, nowMs);
}
