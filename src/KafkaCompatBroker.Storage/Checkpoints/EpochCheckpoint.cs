using System.Globalization;
using System.Text;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>leader-epoch-checkpoint of a partition: version 0, number of lines, then "epoch startOffset".</summary>
public static class EpochCheckpoint
{
    public const string FileName = "leader-epoch-checkpoint";

    private const string Version = "0";

    /// <summary>The epochs; empty when the file is missing or cannot be trusted (they are then taken from the batches that are scanned).</summary>
    public static IReadOnlyList<EpochStart> Read(IFileStore store, string directory)
        => store.ReadAll(Path.Combine(directory, FileName)) is { } content ? Parse(content) : [];

    public static void Write(IFileStore store, string directory, IReadOnlyList<EpochStart> epochs, bool durable)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Version}\n{epochs.Count}\n");
        foreach (EpochStart entry in epochs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{entry.Epoch} {entry.StartOffset}\n");
        }

        store.Replace(Path.Combine(directory, FileName), Encoding.UTF8.GetBytes(text.ToString()), durable);
    }

    internal static List<EpochStart> Parse(byte[] content)
    {
        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        if (lines.Length < 2 || lines[0] != Version || !int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || lines.Length < count + 2)
        {
            return [];
        }

        var epochs = new List<EpochStart>(count);
        foreach (string line in lines.AsSpan(2, count))
        {
            string[] fields = line.Split(' ');
            if (fields.Length != 2
                || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)
                || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long startOffset))
            {
                return [];
            }

            epochs.Add(new EpochStart(epoch, startOffset));
        }

        return epochs;
    }
}
