using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Logging;

/// <summary>
/// The levels of this node's loggers, changed while it runs (KIP-412) and gone with the process. A logger without a level of its own has
/// that of its nearest ancestor by name, at last the root's. Any thread.
/// </summary>
public sealed class LoggerLevels
{
    private ImmutableSortedDictionary<string, LogLevel> _levels = ImmutableSortedDictionary.Create<string, LogLevel>(StringComparer.Ordinal)
        .Add(KafkaLoggers.Root, LogLevel.Information);

    private int _version;

    /// <summary>Grows with every change, so that loggers may keep what they looked up.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Every logger with the level that holds for it, by name.</summary>
    public IEnumerable<(string Name, LogLevel Level)> All
    {
        get
        {
            ImmutableSortedDictionary<string, LogLevel> levels = _levels;
            return KafkaLoggers.Names.Append(KafkaLoggers.Root).Order(StringComparer.Ordinal).Select(name => (name, LevelOf(levels, name)));
        }
    }

    public static bool Exists(string name) => name == KafkaLoggers.Root || KafkaLoggers.Names.Contains(name);

    public LogLevel LevelOf(string name) => LevelOf(_levels, name);

    public void Set(string name, LogLevel level)
    {
        ImmutableInterlocked.Update(ref _levels, static (levels, change) => levels.SetItem(change.name, change.level), (name, level));
        Interlocked.Increment(ref _version);
    }

    /// <summary>Gives a logger the level of its ancestors again; the root keeps its own.</summary>
    public void Unset(string name)
    {
        if (name == KafkaLoggers.Root) return;
        ImmutableInterlocked.Update(ref _levels, static (levels, removed) => levels.Remove(removed), name);
        Interlocked.Increment(ref _version);
    }

    private static LogLevel LevelOf(ImmutableSortedDictionary<string, LogLevel> levels, string name)
    {
        for (string ancestor = name; ; ancestor = ancestor[..ancestor.LastIndexOf('.')])
        {
            if (levels.TryGetValue(ancestor, out LogLevel level)) return level;
            if (!ancestor.Contains('.', StringComparison.Ordinal)) return levels[KafkaLoggers.Root];
        }
    }
}
