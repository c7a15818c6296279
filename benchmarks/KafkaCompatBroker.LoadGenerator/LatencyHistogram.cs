using System.Diagnostics;
using System.Numerics;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Counts durations in buckets 1.6 % wide, so that millions of samples cost a few kilobytes.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private readonly long[] _counts = new long[(64 - SubBits + 1) << SubBits];

    public long Count { get; private set; }

    public double MaxUs { get; private set; }

    public void Record(long ticks)
    {
        long ns = (long)(ticks * (1e9 / Stopwatch.Frequency));
        _counts[Index(ns)]++;
        Count++;
        MaxUs = Math.Max(MaxUs, ns / 1000.0);
    }

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        MaxUs = Math.Max(MaxUs, other.MaxUs);
    }

    public double PercentileUs(double percentile)
    {
        long wanted = (long)Math.Ceiling(Count * percentile / 100);
        for (int i = 0; i < _counts.Length; i++)
        {
            wanted -= _counts[i];
            if (wanted <= 0 && Count > 0) return Floor(i) / 1000.0;
        }
        return 0;
    }

    private static int Index(long ns)
    {
        ulong value = (ulong)Math.Max(0, ns);
        if (value < 1 << SubBits) return (int)value;
        int exponent = BitOperations.Log2(value) - SubBits;
        return ((exponent + 1) << SubBits) + (int)((value >> exponent) & ((1 << SubBits) - 1));
    }

    private static double Floor(int index)
    {
        if (index < 1 << SubBits) return index;
        int exponent = (index >> SubBits) - 1;
        return (double)(((ulong)(index & ((1 << SubBits) - 1)) | (1UL << SubBits)) << exponent);
    }
}
