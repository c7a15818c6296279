using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>File names of snapshots: offset in 20 digits, epoch in 10.</summary>
internal static class SnapshotName
{
    public const string Suffix = ".checkpoint";

    /// <summary>A snapshot that is still being written; worthless after a crash.</summary>
    public const string PartialSuffix = ".checkpoint.part";

    /// <summary>A snapshot that is about to go.</summary>
    public const string DeletedSuffix = ".checkpoint.deleted";

    /// <summary>The snapshot that formatting leaves: what the first leader starts from.</summary>
    public static LogPosition Bootstrap => default;

    public static string Of(LogPosition id) => string.Create(CultureInfo.InvariantCulture, $"{id.Offset:d20}-{id.Epoch:d10}{Suffix}");

    public static bool TryParse(string name, [NotNullWhen(true)] out LogPosition? id)
    {
        id = null;
        if (name.Length != 20 + 1 + 10 + Suffix.Length || name[20] != '-' || !name.EndsWith(Suffix, StringComparison.Ordinal)) return false;
        if (!long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)) return false;
        if (!int.TryParse(name.AsSpan(21, 10), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)) return false;
        id = new LogPosition(offset, epoch);
        return true;
    }
}
