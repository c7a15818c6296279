namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>What a client quota limits.</summary>
public enum QuotaKind
{
    /// <summary>producer_byte_rate: bytes of Produce requests a second (KIP-13).</summary>
    Produce,

    /// <summary>consumer_byte_rate: bytes of Fetch answers a second (KIP-13).</summary>
    Fetch,

    /// <summary>request_percentage: time on the threads that serve requests; 100 is one whole thread (KIP-124).</summary>
    Request,

    /// <summary>controller_mutation_rate: partitions created and deleted a second (KIP-599).</summary>
    ControllerMutation,
}
