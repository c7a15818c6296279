using KafkaCompatBroker.Coordination.Shards;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>What all shards of one coordinator have in common.</summary>
/// <param name="Options">What kind of coordinator it is.</param>
/// <param name="Create">Makes an empty shard.</param>
/// <param name="Timers">Deadlines, and the monotonic clock.</param>
/// <param name="Time">The wall clock.</param>
/// <param name="Loads">One count for each log that may be loaded now.</param>
/// <param name="Logger">Receives what operators should know.</param>
internal sealed record ShardSite<TShard>(
    CoordinatorOptions Options, ShardFactory<TShard> Create, TimerQueue Timers, TimeProvider Time, SemaphoreSlim Loads, ILogger Logger)
    where TShard : class, ICoordinatorShard;
