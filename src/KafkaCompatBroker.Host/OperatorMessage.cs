using System.Net.Sockets;
using KafkaCompatBroker.Broker;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Host;

/// <summary>What an operator is told about a failure that is theirs to mend: one line. Any other is ours and ends the process with its trace.</summary>
internal static class OperatorMessage
{
    public static string? Of(Exception problem) => problem switch
    {
        AggregateException { InnerException: { } inner } => Of(inner),
        UsageException or BrokerConfigException or BrokerStartException or FormatFailure or StorageException or DirectoryInUseException
            or SocketException or IOException or UnauthorizedAccessException or FormatException or InvalidDataException => problem.Message.ReplaceLineEndings(" "),
        _ => null,
    };
}
