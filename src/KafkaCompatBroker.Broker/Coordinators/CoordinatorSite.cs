using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>The parts of a broker that its coordinators stand on.</summary>
/// <param name="Cluster">The newest image and the broker's properties.</param>
/// <param name="Partitions">The replicas of this broker.</param>
/// <param name="Timers">Deadlines, and the monotonic clock.</param>
/// <param name="Time">The wall clock.</param>
/// <param name="Logger">Receives what operators should know.</param>
public sealed record CoordinatorSite(ClusterView Cluster, PartitionHost Partitions, TimerQueue Timers, TimeProvider Time, ILogger Logger);
