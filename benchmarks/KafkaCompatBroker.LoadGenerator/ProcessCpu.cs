using System.Runtime.InteropServices;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>CPU time of a process in the kernel's own nanoseconds, threads that have ended included.</summary>
internal static partial class ProcessCpu
{
    /// <summary>Milliseconds so far.</summary>
    public static double Ms(int pid)
    {
        int failed = CpuClockOf(pid, out int clock);
        if (failed != 0 || ReadClock(clock, out TimeSpec time) != 0) throw new IOException($"no CPU clock of process {pid}");
        return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int CpuClockOf(int pid, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
