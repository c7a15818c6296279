namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Bit sets of operations as Metadata and DescribeCluster show them (KIP-430): bit n is operation n.</summary>
public static class AuthorizedOperations
{
    /// <summary>Not asked for.</summary>
    public const int Omitted = int.MinValue;

    /// <summary>Read, write, create, delete, alter, describe, describe configs, alter configs.</summary>
    public const int EveryTopicOperation = 0b1101_1111_1000;

    /// <summary>Create, alter, describe, cluster action, describe configs, alter configs, idempotent write.</summary>
    public const int EveryClusterOperation = 0b1_1111_1010_0000;

    /// <summary>Read, delete, describe, describe configs, alter configs.</summary>
    public const int EveryGroupOperation = 0b1101_0100_1000;
}
