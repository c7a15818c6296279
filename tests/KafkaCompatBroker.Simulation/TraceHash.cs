namespace KafkaCompatBroker.Simulation;

/// <summary>One number for a whole history: two runs of one seed that differ anywhere differ here.</summary>
internal sealed class TraceHash
{
    public ulong Value { get; private set; } = 14695981039346656037;

    public void Add(long number)
    {
        Value = (Value ^ (ulong)number) * 1099511628211;
        Value ^= Value >> 29;
    }

    public void Add(long one, long two, long three)
    {
        Add(one);
        Add(two);
        Add(three);
    }
}
