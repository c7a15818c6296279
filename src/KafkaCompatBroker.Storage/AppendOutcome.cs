using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// What became of an append. With an error nothing was appended. A duplicate was not appended either: it is answered with the offsets of the first time.
/// </summary>
/// <param name="LogAppendTimeMs">Timestamp given by the log, Unix milliseconds; -1 when the producer's stand.</param>
public readonly record struct AppendOutcome(
    ErrorCode Error,
    string? Message,
    IReadOnlyList<RecordError> RecordErrors,
    long BaseOffset,
    long LastOffset,
    long LogAppendTimeMs,
    long LogStartOffset,
    bool IsDuplicate)
{
    internal static AppendOutcome Refused(ErrorCode error, string? message = null, IReadOnlyList<RecordError>? recordErrors = null, long logStartOffset = -1)
        => new(error, message, recordErrors ?? [], -1, -1, -1, logStartOffset, false);
}
