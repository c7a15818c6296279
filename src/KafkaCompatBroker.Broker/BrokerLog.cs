using KafkaCompatBroker.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker;

/// <summary>Every log event of the broker.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(1, LogLevel.Error, "{Api} v{Version} on connection {Connection} failed; the connection is closed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, ApiKey api, short version, long connection);

    [LoggerMessage(100, LogLevel.Error, "Snapshot {Path} is damaged and is not used: {Reason}")]
    public static partial void SnapshotDamaged(ILogger logger, string path, string reason);
}
