using System.Text.Json;
using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Coordination.Tests.Configs;

/// <summary>Reproduces what a running Apache Kafka 4.3.1 answered to DescribeConfigs.</summary>
public class DescribedConfigsTests
{
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly JsonElement _answers = Golden.Read("describe-configs.json").GetProperty("answers");

    private JsonElement[] Configs(string answer) => [.. _answers.GetProperty(answer)[0].Items("configs")];

    private ConfigResolver Resolver() => new(Configs("broker")
        .SelectMany(config => config.Items("synonyms"))
        .Where(synonym => synonym.GetProperty("source").GetInt32() == (int)ConfigSource.StaticBroker)
        .ToDictionary(synonym => synonym.Text("name")!, synonym => synonym.Text("value")!));

    private static DynamicBrokerConfigs Dynamic { get; } = new(
        new Dictionary<string, string> { ["num.io.threads"] = "9" },
        new Dictionary<string, string> { ["min.insync.replicas"] = "1", ["log.cleaner.threads"] = "2" });

    [Fact]
    public void Broker_answers_as_recorded() => AssertSame("broker", Resolver().DescribeBroker(Dynamic));

    [Fact]
    public void Cluster_default_answers_as_recorded() => AssertSame("broker-default", Resolver().DescribeClusterDefault(Dynamic));

    [Fact]
    public void Topic_answers_as_recorded() =>
        AssertSame("topic", Resolver().DescribeTopic(new Dictionary<string, string> { ["retention.ms"] = "86400000" }, Dynamic));

    [Fact]
    public void Group_answers_as_recorded() =>
        AssertSame("group", Resolver().DescribeGroup(new Dictionary<string, string> { ["consumer.session.timeout.ms"] = "46000" }, Dynamic));

    [Fact]
    public void Unset_group_answers_as_recorded() => AssertSame("group-unset", Resolver().DescribeGroup(Nothing, Dynamic));

    [Fact]
    public void Client_metrics_answer_as_recorded() =>
        AssertSame("client-metrics", ConfigResolver.DescribeClientMetrics(new Dictionary<string, string> { ["interval.ms"] = "1000" }));

    [Fact]
    public void Unset_client_metrics_answer_as_recorded() => AssertSame("client-metrics-unset", ConfigResolver.DescribeClientMetrics(Nothing));

    // The recording shows folders as <path>.
    private static string? Masked(string? value) => value is "/tmp/kafka-logs" or "/usr/bin/kinit" ? "<path>" : value;

    private void AssertSame(string answer, IReadOnlyList<EffectiveConfig> actual)
    {
        Dictionary<string, EffectiveConfig> byName = actual.ToDictionary(config => config.Name);
        foreach (JsonElement expected in Configs(answer))
        {
            string name = expected.Text("name")!;
            Assert.True(byName.TryGetValue(name, out EffectiveConfig? config), name);
            Assert.Equal((name, expected.Text("value")), (name, Masked(config.Value)));
            Assert.Equal((name, expected.Flag("readOnly")), (name, config.IsReadOnly));
            Assert.Equal((name, expected.GetProperty("source").GetInt32()), (name, (int)config.Source));
            Assert.Equal((name, expected.Flag("sensitive")), (name, config.IsSensitive));
            Assert.Equal((name, expected.GetProperty("type").GetInt32()), (name, (int)config.Type));
            Assert.Equal(
                expected.Items("synonyms").Select(s => (s.Text("name"), s.Text("value"), s.GetProperty("source").GetInt32())),
                config.Synonyms.Select(s => ((string?)s.Name, Masked(s.Value), (int)s.Source)));
        }
    }
}
