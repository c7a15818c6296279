using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>What clients of a coordinator are told when its log refuses a write.</summary>
internal static class CoordinatorErrors
{
    /// <summary>Gives an error that clients of coordinators act on: look for another one, try again, or give up.</summary>
    public static ErrorCode Of(ErrorCode append) => append switch
    {
        ErrorCode.UnknownTopicOrPartition or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.RequestTimedOut =>
            ErrorCode.CoordinatorNotAvailable,
        ErrorCode.NotLeaderOrFollower or ErrorCode.KafkaStorageError => ErrorCode.NotCoordinator,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge => ErrorCode.UnknownServerError,
        _ => append,
    };

    /// <summary>Whether a batch was refused for its size.</summary>
    public static bool IsTooLarge(ErrorCode append) => append is ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge;
}
