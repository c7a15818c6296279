using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>The controller, the metadata log and the registration of brokers.</summary>
internal static class ControllerDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("auto.leader.rebalance.enable", ConfigType.Boolean, "true", High, ReadOnly, null),
        new("broker.heartbeat.interval.ms", ConfigType.Int, "2000", Medium, ReadOnly, null),
        new("broker.id", ConfigType.Int, "-1", High, ReadOnly, null),
        new("broker.session.timeout.ms", ConfigType.Int, "9000", Medium, ReadOnly, null),
        new("controller.listener.names", ConfigType.List, null, High, ReadOnly, UniqueList) { IsRequired = true },
        new("controller.performance.always.log.threshold.ms", ConfigType.Long, "2000", Medium, ReadOnly, AtLeast(0)) { IsInternal = true },
        new("controller.performance.sample.period.ms", ConfigType.Long, "60000", Medium, ReadOnly, AtLeast(100)) { IsInternal = true },
        new("controller.quorum.append.linger.ms", ConfigType.Int, "25", Medium, ReadOnly, AtLeast(0)),
        new("controller.quorum.auto.join.enable", ConfigType.Boolean, "false", Low, ReadOnly, null),
        new("controller.quorum.bootstrap.servers", ConfigType.List, "", High, ReadOnly, AddressList),
        new("controller.quorum.election.backoff.max.ms", ConfigType.Int, "1000", High, ReadOnly, AtLeast(0)),
        new("controller.quorum.election.timeout.ms", ConfigType.Int, "1000", High, ReadOnly, AtLeast(0)),
        new("controller.quorum.fetch.max.bytes", ConfigType.Int, "1048576", Low, ReadOnly, AtLeast(1)),
        new("controller.quorum.fetch.snapshot.max.bytes", ConfigType.Int, "1048576", Low, ReadOnly, AtLeast(1)),
        new("controller.quorum.fetch.timeout.ms", ConfigType.Int, "2000", High, ReadOnly, AtLeast(0)),
        new("controller.quorum.request.timeout.ms", ConfigType.Int, "2000", Medium, ReadOnly, AtLeast(0)),
        new("controller.quorum.retry.backoff.ms", ConfigType.Int, "20", Low, ReadOnly, AtLeast(0)),
        new("controller.quorum.voters", ConfigType.List, "", High, ReadOnly, AddressList),
        new("controller.quota.window.num", ConfigType.Int, "11", Low, ReadOnly, AtLeast(1)),
        new("controller.quota.window.size.seconds", ConfigType.Int, "1", Low, ReadOnly, AtLeast(1)),
        new("controller.socket.timeout.ms", ConfigType.Int, "30000", Medium, ReadOnly, null),
        new("initial.broker.registration.timeout.ms", ConfigType.Int, "60000", Medium, ReadOnly, null),
        new("internal.metadata.delete.delay.millis", ConfigType.Long, "60000", Low, ReadOnly, null) { IsInternal = true },
        new("internal.metadata.log.segment.bytes", ConfigType.Int, null, Low, ReadOnly, null) { IsInternal = true },
        new("internal.metadata.max.batch.size.in.bytes", ConfigType.Int, "8388608", Low, ReadOnly, null) { IsInternal = true },
        new("leader.imbalance.check.interval.seconds", ConfigType.Long, "300", High, ReadOnly, AtLeast(1)),
        new("metadata.log.dir", ConfigType.String, null, High, ReadOnly, null),
        new("metadata.log.max.record.bytes.between.snapshots", ConfigType.Long, "20971520", High, ReadOnly, AtLeast(1)),
        new("metadata.log.max.snapshot.interval.ms", ConfigType.Long, "3600000", High, ReadOnly, AtLeast(0)),
        new("metadata.log.segment.bytes", ConfigType.Int, "1073741824", High, ReadOnly, AtLeast(8_388_608)),
        new("metadata.log.segment.ms", ConfigType.Long, "604800000", High, ReadOnly, null),
        new("metadata.max.idle.interval.ms", ConfigType.Int, "500", Low, ReadOnly, AtLeast(0)),
        new("metadata.max.retention.bytes", ConfigType.Long, "104857600", High, ReadOnly, null),
        new("metadata.max.retention.ms", ConfigType.Long, "604800000", High, ReadOnly, null),
        new("node.id", ConfigType.Int, null, High, ReadOnly, AtLeast(0)) { IsRequired = true },
        new("process.roles", ConfigType.List, null, High, ReadOnly, ListOf("broker", "controller")) { IsRequired = true },
        new("server.max.startup.time.ms", ConfigType.Long, "9223372036854775807", Medium, ReadOnly, AtLeast(0)) { IsInternal = true },
        new("unclean.leader.election.interval.ms", ConfigType.Long, "300000", Medium, ReadOnly, AtLeast(1)) { IsInternal = true },
    ];
}
