using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Coordination.Tests.Configs;

public class ConfigRulesTests
{
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly ConfigResolver _resolver = new(Nothing);

    private ConfigProblem? CheckTopic(params (string, string)[] configs) =>
        TopicConfigRules.Check(configs.ToDictionary(c => c.Item1, c => c.Item2), _resolver, DynamicBrokerConfigs.None);

    private ConfigProblem? CheckBroker(bool isOneBroker, string name, string value) =>
        BrokerConfigRules.CheckDynamic(new Dictionary<string, string> { [name] = value }, isOneBroker, _resolver.BrokerValues(DynamicBrokerConfigs.None));

    [Theory]
    [InlineData("no.such.config", "1", "Unknown topic config name: no.such.config")]
    [InlineData("retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1")]
    [InlineData("segment.bytes", "10", "Invalid value 10 for configuration segment.bytes: Value must be at least 1048576")]
    [InlineData("cleanup.policy", "shred", "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete")]
    [InlineData("compression.gzip.level", "77", "Invalid value 77 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1")]
    [InlineData("min.cleanable.dirty.ratio", "1.5", "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1")]
    [InlineData("preallocate", "maybe", "Invalid value maybe for configuration preallocate: Expected value to be either true or false")]
    [InlineData("remote.storage.enable", "true", "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.")]
    public void Refuses_bad_topic_values_with_kafkas_text(string name, string value, string message) =>
        Assert.Equal(ConfigProblem.Config(message), CheckTopic((name, value)));

    [Theory]
    [InlineData("cleanup.policy", "delete,compact,delete")]
    [InlineData("cleanup.policy", "")]
    [InlineData("retention.ms", " 60000 ")]
    [InlineData("local.retention.ms", "5")]
    [InlineData("leader.replication.throttled.replicas", "0:1,1:2")]
    [InlineData("follower.replication.throttled.replicas", "*")]
    public void Accepts_what_kafka_accepts(string name, string value) => Assert.Null(CheckTopic((name, value)));

    [Theory]
    [InlineData("cleanup.policy", ",delete")]
    [InlineData("leader.replication.throttled.replicas", "x")]
    public void Refuses_bad_lists(string name, string value) => Assert.NotNull(CheckTopic((name, value)));

    [Fact]
    public void Refuses_compaction_lags_in_conflict() =>
        Assert.NotNull(CheckTopic(("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")));

    [Fact]
    public void Read_only_broker_properties_cannot_be_dynamic() =>
        Assert.Equal(ConfigProblem.Request("Cannot update these configs dynamically: [node.id]"), CheckBroker(true, "node.id", "7"));

    [Theory]
    [InlineData("max.connections.per.ip.overrides", "127.0.0.1:5,host:0", true)]
    [InlineData("max.connections.per.ip.overrides", "", true)]
    [InlineData("max.connections.per.ip.overrides", "bad", false)]
    [InlineData("max.connections.per.ip.overrides", "host:many", false)]
    [InlineData("max.connections.per.ip.overrides", ":5", false)]
    [InlineData("metric.reporters", "", true)]
    [InlineData("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter", true)]
    [InlineData("metric.reporters", "no.such.Reporter", false)]
    public void What_cannot_take_effect_is_refused(string name, string value, bool isGood) =>
        Assert.Equal(isGood, CheckBroker(false, name, value) is null);

    [Theory]
    [InlineData("", true)]
    [InlineData("*", true)]
    [InlineData("/b", true)]
    [InlineData("/b,/c", false)]
    public void Only_directories_of_the_broker_can_be_cordoned(string cordoned, bool isGood)
    {
        var resolver = new ConfigResolver(new Dictionary<string, string> { ["log.dirs"] = "/a,/b", ["cordoned.log.dirs"] = cordoned });
        Assert.Equal(isGood, BrokerConfigRules.CheckCordons(resolver.BrokerValues(DynamicBrokerConfigs.None)) is null);
    }

    [Fact]
    public void Properties_of_one_broker_cannot_be_the_default_of_all()
    {
        Assert.NotNull(CheckBroker(false, "listeners", "PLAINTEXT://:1"));
        Assert.Null(CheckBroker(true, "listeners", "PLAINTEXT://:1"));
    }

    [Theory]
    [InlineData(true, "ssl.keystore.location", false)]
    [InlineData(false, "ssl.keystore.location", false)]
    [InlineData(true, "listener.name.internal.ssl.keystore.location", true)]
    [InlineData(false, "listener.name.internal.ssl.keystore.location", false)]
    public void Key_stores_are_changed_for_one_listener_of_one_broker(bool isOneBroker, string name, bool isAllowed) =>
        Assert.Equal(isAllowed, CheckBroker(isOneBroker, name, "/tmp/test.jks") is null);

    [Fact]
    public void Unknown_broker_properties_are_allowed() => Assert.Null(CheckBroker(true, "no.such.config", "7"));

    [Theory]
    [InlineData("16", true)]
    [InlineData("17", false)]
    [InlineData("4", true)]
    [InlineData("3", false)]
    [InlineData("0", false)]
    public void Thread_counts_move_by_at_most_a_factor_of_two(string value, bool isAllowed) =>
        Assert.Equal(isAllowed, CheckBroker(true, "num.io.threads", value) is null);

    [Fact]
    public void Group_timeouts_are_bounded_by_the_broker()
    {
        Assert.Null(GroupConfigRules.Check(new Dictionary<string, string> { ["consumer.session.timeout.ms"] = "50000" }, _resolver, DynamicBrokerConfigs.None));
        Assert.NotNull(GroupConfigRules.Check(new Dictionary<string, string> { ["consumer.session.timeout.ms"] = "61000" }, _resolver, DynamicBrokerConfigs.None));
        Assert.NotNull(GroupConfigRules.Check(new Dictionary<string, string> { ["consumer.session.timeout.ms"] = "1000" }, _resolver, DynamicBrokerConfigs.None));
    }

    [Theory]
    [InlineData("interval.ms", "60000", null)]
    [InlineData("interval.ms", "5", true)]
    [InlineData("match", "client_id=x.*", null)]
    [InlineData("match", "nonsense", false)]
    [InlineData("match", "client_id=[", false)]
    [InlineData("no", "x", true)]
    public void Client_metrics_subscriptions_are_checked(string name, string value, bool? isInvalidRequest) =>
        Assert.Equal(isInvalidRequest, ClientMetricsConfigRules.Check(new Dictionary<string, string> { [name] = value })?.IsInvalidRequest);

    [Fact]
    public void Hours_in_the_properties_file_are_a_topics_milliseconds()
    {
        var resolver = new ConfigResolver(new Dictionary<string, string> { ["log.retention.hours"] = "2", ["log.roll.hours"] = "1" });
        ConfigValues values = resolver.TopicValues(Nothing, DynamicBrokerConfigs.None);
        Assert.Equal(7_200_000, values.Long("retention.ms"));
        Assert.Equal(3_600_000, values.Long("segment.ms"));
        var stronger = new DynamicBrokerConfigs(Nothing, new Dictionary<string, string> { ["log.retention.ms"] = "5" });
        Assert.Equal(5, resolver.TopicValues(Nothing, stronger).Long("retention.ms"));
    }
}
