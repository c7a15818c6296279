using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Host.Logging;

/// <summary>
/// Writes one line an event to standard output, in the layout that log readers of Kafka expect. Any thread; a line is written whole.
/// A factory of its own: the stock one brings dependency injection and options, which cost more than the rest of the start.
/// </summary>
internal sealed class ConsoleLog(Stream output, TimeProvider time, LogLevel lowest) : ILoggerFactory
{
    private readonly Lock _writing = new();

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new InvalidOperationException("Events go to standard output only.");

    public void Dispose() => output.Flush();

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder(64 + message.Length);
        line.Append('[').Append(time.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture)).Append("] ");
        line.Append(LevelName(level)).Append(' ').Append(message);
        if (exception is not null)
        {
            line.Append(": ").Append(exception);
        }

        line.Append(" (").Append(category).Append(')');
        line.Replace("\r", "").Replace("\n", " | ").Append('\n');
        lock (_writing)
        {
            try
            {
                output.Write(Encoding.UTF8.GetBytes(line.ToString()));
            }
            catch (IOException)
            {
                // Nobody reads the log any more; that is no reason to stop serving.
            }
        }
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };

    private sealed class CategoryLogger(ConsoleLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Lowest && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }

    private LogLevel Lowest => lowest;
}
