using System.Collections;

namespace KafkaCompatBroker.Host.Configuration;

/// <summary>Properties from KAFKA_* variables, named as in the apache/kafka image: KAFKA_LOG_DIRS is log.dirs, ___ is -, __ is _.</summary>
internal static class EnvironmentProperties
{
    private const string Prefix = "KAFKA_";

    /// <summary>Variables that the image, Kafka's scripts or its tools give another meaning; they never name a property.</summary>
    private static readonly HashSet<string> NotProperties = new(StringComparer.Ordinal)
    {
        "KAFKA_VERSION", "KAFKA_HEAP_OPTS", "KAFKA_OPTS", "KAFKA_LOG4J_OPTS", "KAFKA_JMX_OPTS", "KAFKA_JVM_PERFORMANCE_OPTS",
        "KAFKA_GC_LOG_OPTS", "KAFKA_LOG4J_ROOT_LOGLEVEL", "KAFKA_LOG4J_LOGGERS", "KAFKA_TOOLS_LOG4J_LOGLEVEL", "KAFKA_JMX_HOSTNAME",
        "KAFKA_JMX_PORT", "KAFKA_HOME", "KAFKA_LIBS", "KAFKA_RELEASE", "KAFKA_DEBUG", "KAFKA_LOG4J", "KAFKA_MODE", "KAFKA_CLUSTER_ID",
        "KAFKA_KRAFT_CLUSTER_ID", "KAFKA_LOG4J_CMD_OPTS", "KAFKA_LOG4J_CONFIG",
    };

    public static Dictionary<string, string> From(IDictionary variables)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in variables)
        {
            var name = (string)variable.Key;
            if (name.Length > Prefix.Length && name.StartsWith(Prefix, StringComparison.Ordinal) && !NotProperties.Contains(name))
            {
                // The image writes the value into a properties file, so escapes in it mean what they mean there.
                foreach (var (key, value) in JavaProperties.Parse(PropertyName(name) + "=" + variable.Value))
                {
                    properties[key] = value;
                }
            }
        }

        return properties;
    }

    private static string PropertyName(string variable) => variable[Prefix.Length..]
        .ToLowerInvariant()
        .Replace('_', '.')
        .Replace("...", "-", StringComparison.Ordinal)
        .Replace("..", "_", StringComparison.Ordinal);
}
