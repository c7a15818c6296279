using System.Buffers.Binary;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>Remembers only a digest of everything applied, in order.</summary>
internal sealed class DigestMachine : IStateMachine
{
    public ulong Digest { get; private set; }

    public static ulong Mix(ulong digest, RaftEntry entry)
    {
        digest = (digest ^ (ulong)entry.BaseOffset) * 0x9E3779B97F4A7C15;
        digest = (digest ^ (ulong)entry.Epoch) * 0x9E3779B97F4A7C15;
        var bytes = entry.Bytes.Span;
        while (bytes.Length >= 8)
        {
            digest = (digest ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0x9E3779B97F4A7C15;
            bytes = bytes[8..];
        }
        foreach (var one in bytes) digest = (digest ^ one) * 0x9E3779B97F4A7C15;
        return digest ^ (digest >> 31);
    }

    public void Apply(RaftEntry entry) => Digest = Mix(Digest, entry);

    public object Save() => Digest;

    public void Load(object? state) => Digest = state is ulong digest ? digest : 0;

    public (byte[] Bytes, int Records)? Decide(SimulatedRandom random, long nowMs)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, random.NextBits());
        return (bytes, 1 + random.Next(3));
    }
}
