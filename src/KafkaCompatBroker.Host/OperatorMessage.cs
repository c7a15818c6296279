using System.Net.Sockets;
using KafkaCompatBroker.Broker;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Host;

/// <summary>What an operator is told about a start that failed: one line when the cause is theirs to mend, all of it when it is ours.</summary>
internal static class OperatorMessage
{
    public static string Of(Exception problem) => problem switch
    {
        AggregateException { InnerException: { } inner } => Of(inner),
        UsageException or BrokerConfigException or BrokerStartException or FormatFailure or StorageException or DirectoryInUseException
            or SocketException or IOException or UnauthorizedAccessException or FormatException => problem.Message.ReplaceLineEndings(" "),
        _ => problem.ToString(),
    };
}
