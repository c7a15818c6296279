using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Why a produced batch was refused. Nothing of it may be stored.</summary>
/// <param name="Error">The error for the partition.</param>
/// <param name="Reason">What is wrong, for the log.</param>
public sealed record BatchRejection(ErrorCode Error, string Reason)
{
    /// <summary>The text that the producer gets; null where Kafka sends none either.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The records that are wrong, when single ones are; at most <see cref="RecordLimits.RecordErrorsMax"/>.</summary>
    public IReadOnlyList<RecordError> RecordErrors { get; init; } = [];
}
