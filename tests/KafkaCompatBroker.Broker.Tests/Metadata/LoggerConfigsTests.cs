using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Logging;
using KafkaCompatBroker.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

/// <summary>Levels of loggers under Kafka's names (KIP-412), and what they let through.</summary>
public sealed class LoggerConfigsTests
{
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Subtract = 3;

    private readonly LoggerLevels _levels = new();
    private readonly LoggerConfigs _configs;

    public LoggerConfigsTests() => _configs = new LoggerConfigs(1, _levels);

    [Fact]
    public void A_logger_without_a_level_follows_its_nearest_ancestor_then_the_root()
    {
        Alter(("kafka", Set, "TRACE"), ("kafka.server.ControllerServer", Set, "INFO"));
        Assert.Equal("TRACE", Level("kafka"));
        Assert.Equal("TRACE", Level("kafka.log.LogCleaner"));
        Assert.Equal("INFO", Level("kafka.server.ControllerServer"));
        Assert.Equal("INFO", Level("org.apache.kafka.raft.KafkaRaftClient"));

        Alter(("kafka.server.ControllerServer", Delete, null), ("kafka", Set, "ERROR"), ("root", Set, "FATAL"));
        Assert.Equal("ERROR", Level("kafka.server.ControllerServer"));
        Assert.Equal("FATAL", Level("org.apache.kafka.raft.KafkaRaftClient"));
        Assert.Equal("FATAL", Level("root"));
    }

    [Theory]
    [InlineData("1", "kafka.server.KafkaApis", Subtract, "INFO", ErrorCode.InvalidRequest)]
    [InlineData("1", "kafka.server.KafkaApis", 9, "INFO", ErrorCode.InvalidRequest)]
    [InlineData("1", "kafka.server.KafkaApis", Set, "OFF", ErrorCode.InvalidConfig)]
    [InlineData("1", "kafka.server.KafkaApis", Set, null, ErrorCode.InvalidConfig)]
    [InlineData("1", "Some Other LogCleaner", Set, "INFO", ErrorCode.InvalidConfig)]
    [InlineData("1", "root", Delete, null, ErrorCode.InvalidRequest)]
    [InlineData("2", "root", Set, "INFO", ErrorCode.InvalidRequest)]
    [InlineData("one", "root", Set, "INFO", ErrorCode.InvalidRequest)]
    public void One_bad_change_keeps_all_levels_as_they_are(string node, string logger, sbyte operation, string? value, ErrorCode expected)
    {
        (ErrorCode code, string? message) = _configs.Alter(Resource(node, ("kafka.network.SocketServer", Set, "DEBUG"), (logger, operation, value)), validateOnly: false);
        Assert.Equal(expected, code);
        Assert.NotNull(message);
        Assert.Equal("INFO", Level("kafka.network.SocketServer"));
    }

    [Fact]
    public void Validating_changes_nothing()
    {
        Assert.Equal((ErrorCode.None, null), _configs.Alter(Resource("1", ("root", Set, "TRACE")), validateOnly: true));
        Assert.Equal("INFO", Level("root"));
    }

    [Fact]
    public void Events_follow_the_level_of_the_Kafka_name_at_once()
    {
        var events = new List<LogLevel>();
        using var inner = new Recorder(events);
        using var loggers = new LeveledLoggers(inner, _levels);
        ILogger logger = loggers.CreateLogger("KafkaCompatBroker.Network.NetworkServer");
        Emit(logger, LogLevel.Debug);
        Alter(("kafka.network.SocketServer", Set, "DEBUG"));
        Emit(logger, LogLevel.Debug);
        Alter(("kafka.network.SocketServer", Set, "ERROR"));
        Emit(logger, LogLevel.Warning);
        Emit(logger, LogLevel.Error);
        Assert.Equal([LogLevel.Debug, LogLevel.Error], events);
    }

    private static void Emit(ILogger logger, LogLevel level) => logger.Log(level, default, "event", null, static (state, _) => state);

    private static IncrementalAlterConfigsRequest.AlterConfigsResource Resource(string node, params (string Name, sbyte Operation, string? Value)[] changes) => new()
    {
        ResourceType = 8,
        ResourceName = node,
        Configs = [.. changes.Select(change => new IncrementalAlterConfigsRequest.AlterableConfig { Name = change.Name, ConfigOperation = change.Operation, Value = change.Value })],
    };

    private void Alter(params (string Name, sbyte Operation, string? Value)[] changes) =>
        Assert.Equal((ErrorCode.None, null), _configs.Alter(Resource("1", changes), validateOnly: false));

    private string Level(string name) => Assert.Single(_configs.All, one => one.Name == name).Level;

    private sealed class Recorder(List<LogLevel> events) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => events.Add(logLevel);
    }
}
