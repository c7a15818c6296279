using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Why a part of a command is refused. A null message leaves the words to the client.</summary>
internal sealed record CommandError(ErrorCode Code, string? Message)
{
    /// <summary>The client has changed too many partitions lately (KIP-599).</summary>
    public static CommandError QuotaExceeded { get; } = new(ErrorCode.ThrottlingQuotaExceeded, ErrorCode.ThrottlingQuotaExceeded.Message());
}
