namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Names of the features that are finalized in the metadata log (KIP-584, KIP-1022).</summary>
public static class FeatureNames
{
    public const string MetadataVersion = "metadata.version";
    public const string KRaftVersion = "kraft.version";
    public const string EligibleLeaderReplicas = "eligible.leader.replicas.version";
    public const string Group = "group.version";
    public const string Share = "share.version";
    public const string Streams = "streams.version";
    public const string Transaction = "transaction.version";
}
