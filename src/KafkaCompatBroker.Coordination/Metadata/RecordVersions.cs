using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Which version of a metadata record a cluster's nodes can read.</summary>
public static class RecordVersions
{
    private const short DirectoryAssignment = 17;
    private const short EligibleLeaderReplicas = 23;
    private const short CordonedDirectories = 30;

    /// <summary>True when brokers' log directories are kept (KIP-858).</summary>
    public static bool KeepsDirectories(short metadataVersion) => metadataVersion >= DirectoryAssignment;

    /// <summary>True when cordoned log directories are kept (KIP-1066).</summary>
    public static bool KeepsCordons(short metadataVersion) => metadataVersion >= CordonedDirectories;

    /// <summary>True when controllers register (KIP-919).</summary>
    public static bool KeepsControllers(short metadataVersion) => metadataVersion >= 15;

    /// <summary>True when controllers can be unregistered (KIP-1312).</summary>
    public static bool ForgetsControllers(short metadataVersion) => metadataVersion >= 33;

    /// <summary>The version to write a record in at a metadata.version.</summary>
    public static short Of(IMessage record, short metadataVersion) => record switch
    {
        RegisterBrokerRecord => metadataVersion switch
        {
            >= CordonedDirectories => 4,
            >= DirectoryAssignment => 3,
            >= 8 => 2,
            _ => 1,
        },
        BrokerRegistrationChangeRecord change => OfChange(change),
        PartitionRecord or PartitionChangeRecord => metadataVersion switch
        {
            >= EligibleLeaderReplicas => 2,
            >= DirectoryAssignment => 1,
            _ => 0,
        },
        _ => 0,
    };

    // As Kafka does: the oldest version that can carry what the change says.
    private static short OfChange(BrokerRegistrationChangeRecord change)
    {
        if (change.CordonedLogDirs is not null) return 3;
        if (change.LogDirs.Length > 0) return 2;
        return change.InControlledShutdown != 0 ? (short)1 : (short)0;
    }
}
