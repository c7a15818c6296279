namespace KafkaCompatBroker.Network;

/// <summary>What all connections of one broker share.</summary>
internal sealed record ConnectionServices(
    NetworkOptions Options,
    MemoryBudget Memory,
    OutgoingBatchPool SendBuffers,
    ReadinessLoops Loops,
    NetworkMetrics Metrics,
    ConnectionEvents Events,
    Func<long> NowMs);
