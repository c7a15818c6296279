using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Sleeps to within some 60 us without keeping a core busy; Thread.Sleep knows whole milliseconds only.</summary>
internal static partial class PreciseSleep
{
    private const double NanosecondsPerSecond = 1e9;

    public static void Until(long ticks)
    {
        for (long left = ticks - Stopwatch.GetTimestamp(); left > 0; left = ticks - Stopwatch.GetTimestamp())
        {
            var time = new TimeSpec
            {
                Seconds = left / Stopwatch.Frequency,
                Nanoseconds = (long)(left % Stopwatch.Frequency * (NanosecondsPerSecond / Stopwatch.Frequency)),
            };
            _ = NanoSleep(time, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
