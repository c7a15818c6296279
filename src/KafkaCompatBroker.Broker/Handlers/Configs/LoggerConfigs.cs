using System.Globalization;
using KafkaCompatBroker.Broker.Logging;
using KafkaCompatBroker.Protocol.Messages;
using Microsoft.Extensions.Logging;
using AlterableConfig = KafkaCompatBroker.Protocol.Messages.IncrementalAlterConfigsRequest.AlterableConfig;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>The BROKER_LOGGER resource (KIP-412): levels of this node's loggers under Kafka's names, kept until the node stops.</summary>
public sealed class LoggerConfigs(int nodeId, LoggerLevels levels)
{
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    private static readonly string[] Levels = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

    /// <summary>Every logger and its level, by name.</summary>
    public IEnumerable<(string Name, string Level)> All => levels.All.Select(static one => (one.Name, NameOf(one.Level)));

    /// <summary>Makes all changes of the resource, or none and says why.</summary>
    public (ErrorCode Code, string? Message) Alter(IncrementalAlterConfigsRequest.AlterConfigsResource resource, bool validateOnly)
    {
        if (!int.TryParse(resource.ResourceName, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id))
            return (ErrorCode.InvalidRequest, $"Node id must be an integer, but it is: {resource.ResourceName}");
        if (id != nodeId) return (ErrorCode.InvalidRequest, $"Unexpected node id. Expected {nodeId}, but received {resource.ResourceName}");
        foreach (AlterableConfig config in resource.Configs)
        {
            if (Check(config) is { } problem) return problem;
        }
        if (validateOnly) return (ErrorCode.None, null);
        foreach (AlterableConfig config in resource.Configs)
        {
            if (config.ConfigOperation == Delete) levels.Unset(config.Name);
            else levels.Set(config.Name, LevelOf(config.Value!));
        }
        return (ErrorCode.None, null);
    }

    private static (ErrorCode Code, string? Message)? Check(AlterableConfig config)
    {
        if (config.ConfigOperation is Append or Subtract)
            return (ErrorCode.InvalidRequest, $"{(config.ConfigOperation == Append ? "APPEND" : "SUBTRACT")} operation is not allowed for the BROKER_LOGGER resource");
        if (config.ConfigOperation is < 0 or > Subtract)
            return (ErrorCode.InvalidRequest, $"Unknown operation type {config.ConfigOperation} is not allowed for the BROKER_LOGGER resource");
        if (!LoggerLevels.Exists(config.Name)) return (ErrorCode.InvalidConfig, $"Logger {config.Name} does not exist!");
        if (config.ConfigOperation == Delete)
            return config.Name == KafkaLoggers.Root ? (ErrorCode.InvalidRequest, "Removing the log level of the root logger is not allowed") : null;
        return Levels.Contains(config.Value, StringComparer.Ordinal)
            ? null
            : (ErrorCode.InvalidConfig,
                $"Cannot set the log level of {config.Name} to {config.Value} as it is not a supported log level. Valid log levels are {string.Join(", ", Levels)}");
    }

    private static LogLevel LevelOf(string name) => name switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        _ => LogLevel.Critical,
    };

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };
}
