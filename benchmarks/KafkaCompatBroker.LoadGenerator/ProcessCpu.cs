using System.Globalization;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>CPU time of a process from the scheduler's nanosecond counters of its threads.</summary>
internal static class ProcessCpu
{
    /// <summary>Milliseconds so far; threads that have ended are taken from the process's coarser total.</summary>
    public static double Ms(int pid)
    {
        double nanoseconds = 0;
        try
        {
            foreach (string task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                string text = File.ReadAllText(Path.Combine(task, "schedstat"));
                nanoseconds += double.Parse(text.AsSpan(0, text.IndexOf(' ')), CultureInfo.InvariantCulture);
            }
        }
        catch (IOException)
        {
            // A thread ended between the listing and the reading: its share is lost, which is what the counter cannot give anyway.
        }
        return nanoseconds / 1e6;
    }
}
