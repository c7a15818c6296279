using System.Globalization;
using System.Text;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>
/// A file of one offset a partition at the top of a log directory: version 0, number of lines, then "topic partition offset". A torn or garbled file reads
/// as null; what it held is then worked out from the logs.
/// </summary>
public static class OffsetCheckpoint
{
    public const string RecoveryPointFile = "recovery-point-offset-checkpoint";
    public const string LogStartFile = "log-start-offset-checkpoint";
    public const string HighWatermarkFile = "replication-offset-checkpoint";
    public const string CleanerFile = "cleaner-offset-checkpoint";

    private const string Version = "0";

    /// <summary>The offsets; empty when the file does not exist, null when it cannot be trusted.</summary>
    public static Dictionary<(string Topic, int Partition), long>? Read(IFileStore store, string fileName)
    {
        byte[]? content = store.ReadAll(Path.Combine(store.Root, fileName));
        return content is null ? [] : Parse(content);
    }

    public static void Write(IFileStore store, string fileName, IReadOnlyCollection<KeyValuePair<(string Topic, int Partition), long>> offsets, bool durable)
    {
        var text = new StringBuilder(16 + (offsets.Count * 32));
        text.Append(CultureInfo.InvariantCulture, $"{Version}\n{offsets.Count}\n");
        foreach (((string topic, int partition), long offset) in offsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"{topic} {partition} {offset}\n");
        }

        store.Replace(Path.Combine(store.Root, fileName), Encoding.UTF8.GetBytes(text.ToString()), durable);
    }

    internal static Dictionary<(string Topic, int Partition), long>? Parse(byte[] content)
    {
        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        if (lines.Length < 2 || lines[0] != Version || !TryNumber(lines[1], out long count) || lines.Length < count + 2)
        {
            return null;
        }

        var offsets = new Dictionary<(string, int), long>((int)count);
        foreach (string line in lines.AsSpan(2, (int)count))
        {
            string[] fields = line.Split(' ');
            if (fields.Length != 3 || !TryNumber(fields[1], out long partition) || partition > int.MaxValue || !TryNumber(fields[2], out long offset))
            {
                return null;
            }

            offsets[(fields[0], (int)partition)] = offset;
        }

        return offsets;
    }

    private static bool TryNumber(string text, out long number)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
