using System.Globalization;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>Changes of BROKER_LOGGER resources (KIP-412): Kafka's loggers are the JVM's, so every name is unknown here.</summary>
internal static class LoggerConfigs
{
    private const sbyte Append = 2;

    private static readonly string[] Levels = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

    /// <summary>Why the change is refused.</summary>
    public static (ErrorCode Code, string Message) Check(IncrementalAlterConfigsRequest.AlterConfigsResource resource, int nodeId)
    {
        if (!int.TryParse(resource.ResourceName, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id))
            return (ErrorCode.InvalidRequest, $"Node id must be an integer, but it is: {resource.ResourceName}");
        if (id != nodeId) return (ErrorCode.InvalidRequest, $"Unexpected node id. Expected {nodeId}, but received {resource.ResourceName}");
        foreach (IncrementalAlterConfigsRequest.AlterableConfig config in resource.Configs)
        {
            if (config.ConfigOperation >= Append)
                return (ErrorCode.InvalidRequest, $"{(config.ConfigOperation == Append ? "APPEND" : "SUBTRACT")} operation is not allowed for the BROKER_LOGGER resource");
            if (config.ConfigOperation == 0 && !Levels.Contains(config.Value?.ToUpperInvariant()) && config.Name == "root")
                return (ErrorCode.InvalidConfig,
                    $"Cannot set the log level of {config.Name} to {config.Value} as it is not a supported log level. Valid log levels are {string.Join(", ", Levels)}");
            return (ErrorCode.InvalidConfig, $"Logger {config.Name} does not exist!");
        }

        return (ErrorCode.None, "");
    }
}
