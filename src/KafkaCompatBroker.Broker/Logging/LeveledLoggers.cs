using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Logging;

/// <summary>Loggers of another factory that hold back what is below the level of their Kafka name. Disposing it leaves that factory alone.</summary>
internal sealed class LeveledLoggers(ILoggerFactory inner, LoggerLevels levels) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new LeveledLogger(inner.CreateLogger(categoryName), KafkaLoggers.NameOf(categoryName), levels);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
    }

    private sealed class LeveledLogger(ILogger inner, string name, LoggerLevels levels) : ILogger
    {
        // The version in the upper half, the level in the lower: one value, so that both are always of one moment.
        private long _known = Pack(-1, LogLevel.None);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= Lowest() && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) inner.Log(logLevel, eventId, state, exception, formatter);
        }

        private LogLevel Lowest()
        {
            int version = levels.Version;
            long known = Volatile.Read(ref _known);
            if (known >> 32 == version) return (LogLevel)(int)known;
            LogLevel level = levels.LevelOf(name);
            Volatile.Write(ref _known, Pack(version, level));
            return level;
        }

        private static long Pack(int version, LogLevel level) => ((long)version << 32) | (uint)level;
    }
}
