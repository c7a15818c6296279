namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Where a broker property may be changed without a restart (KIP-226).</summary>
public enum ConfigUpdateMode
{
    /// <summary>Only in the properties file.</summary>
    ReadOnly,

    /// <summary>For one broker, by its id.</summary>
    PerBroker,

    /// <summary>For one broker or as the default of all.</summary>
    ClusterWide,
}
