namespace KafkaCompatBroker.Simulation;

/// <summary>The only source of chance: splitmix64, the same on every machine. Each concern draws from its own fork.</summary>
internal sealed class SimulatedRandom(ulong seed) : Random(0)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        var bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    public SimulatedRandom Fork() => new(NextBits());

    public bool Chance(int perThousand) => perThousand > 0 && Next(1000) < perThousand;

    /// <summary>Mostly small, sometimes many times the mean.</summary>
    public int Exponential(int mean) => mean <= 0 ? 0 : (int)(-Math.Log(1.0 - Sample()) * mean);

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => maxValue <= 1 ? 0 : (int)(NextBits() % (ulong)maxValue);

    public override int Next(int minValue, int maxValue) => minValue + Next(maxValue - minValue);

    public override double NextDouble() => Sample();

    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));
}
