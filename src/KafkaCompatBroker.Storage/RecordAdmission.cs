using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage;

/// <summary>Lets records into a log, as its properties ask, or says which error the client gets.</summary>
internal static class RecordAdmission
{
    public static bool TryAdmit(
        ReadOnlyMemory<byte> records, ValidationRules rules, int segmentBytesMax, in AppendContext context, out BatchValidation admitted, out AppendOutcome refused)
    {
        bool isFromClient = context.Origin == AppendOrigin.Client;
        admitted = RecordBatchValidator.Validate(records, rules, context.NowMs, isFromClient, context.AllowsZstd);
        if (admitted.Rejection is { } rejection)
        {
            refused = AppendOutcome.Refused(rejection.Error, rejection.ErrorMessage, rejection.RecordErrors);
            return false;
        }

        if (admitted.Bytes.Length > segmentBytesMax)
        {
            refused = AppendOutcome.Refused(ErrorCode.RecordListTooLarge);
            return false;
        }

        refused = default;
        return true;
    }
}
