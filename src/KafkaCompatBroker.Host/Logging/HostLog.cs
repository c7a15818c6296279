using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Host.Logging;

/// <summary>Every event of the Host.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Warning, "Unknown property '{Name}' is ignored")]
    public static partial void UnknownProperty(ILogger logger, string name);

    // Scripts and test containers wait for this line, word for word.
    [LoggerMessage(2, LogLevel.Information, "[KafkaRaftServer nodeId={NodeId}] Kafka Server started")]
    public static partial void Started(ILogger logger, int nodeId);

    [LoggerMessage(3, LogLevel.Information, "Listening on {Listeners}; data in {Directories}")]
    public static partial void Listening(ILogger logger, string listeners, string directories);

    [LoggerMessage(4, LogLevel.Information, "{Signal} received: shutting down; a second signal exits at once")]
    public static partial void ShuttingDown(ILogger logger, string signal);

    [LoggerMessage(5, LogLevel.Information, "[KafkaRaftServer nodeId={NodeId}] Kafka Server stopped")]
    public static partial void Stopped(ILogger logger, int nodeId);
}
