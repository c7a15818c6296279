using System.Text.Json;
using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Coordination.Tests.Configs;

public class ConfigDefinitionsTests
{
    public static TheoryData<string> Kinds => ["broker", "topic", "group", "clientMetrics", "brokerQuota"];

    private static ConfigSchema SchemaOf(string kind) => kind switch
    {
        "broker" => ConfigDefinitions.Broker,
        "topic" => ConfigDefinitions.Topic,
        "group" => ConfigDefinitions.Group,
        "clientMetrics" => ConfigDefinitions.ClientMetrics,
        _ => ConfigDefinitions.BrokerQuota,
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Definitions_are_those_of_the_release(string kind)
    {
        JsonElement[] expected = [.. Golden.Read("config-definitions.json").Items(kind)];
        ConfigSchema schema = SchemaOf(kind);
        Assert.Equal(expected.Select(e => e.Text("name")).Order(StringComparer.Ordinal), schema.Definitions.Select(d => d.Name));
        foreach (JsonElement definition in expected) AssertSame(definition, schema[definition.Text("name")!], kind);
    }

    private static void AssertSame(JsonElement expected, ConfigDefinition actual, string kind)
    {
        string name = actual.Name;
        Assert.Equal((name, expected.Text("type")), (name, actual.Type.ToString().ToUpperInvariant()));
        bool isRequired = !expected.TryGetProperty("default", out _);
        Assert.Equal((name, isRequired), (name, actual.IsRequired));
        if (!isRequired) Assert.Equal((name, expected.Text("default")), (name, actual.Default));
        Assert.Equal((name, expected.Text("importance")), (name, actual.Importance.ToString().ToUpperInvariant()));
        Assert.Equal((name, expected.Flag("sensitive")), (name, actual.IsSensitive));
        Assert.Equal((name, expected.Flag("internal")), (name, actual.IsInternal));
        Assert.Equal((name, expected.Text("valid") ?? ""), (name, actual.Validator?.Description ?? ""));
        if (kind == "broker")
        {
            string mode = actual.UpdateMode switch { ConfigUpdateMode.ReadOnly => "read-only", ConfigUpdateMode.PerBroker => "per-broker", _ => "cluster-wide" };
            Assert.Equal((name, expected.Text("updateMode")), (name, mode));
            Assert.Equal(expected.Items("synonyms").Select(s => s.GetString()), actual.Synonyms);
        }

        if (kind == "topic")
            Assert.Equal(
                expected.Items("serverSynonyms").Select(s => (s.Text("name"), s.Text("converts2To"))),
                actual.BrokerSynonyms.Select(s => ((string?)s.Name, (string?)s.Convert("2"))));
        if (kind == "group" && expected.Text("brokerSynonym") is { } synonym) Assert.Equal(synonym, Assert.Single(actual.BrokerSynonyms).Name);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_default_is_allowed(string kind)
    {
        foreach (ConfigDefinition definition in SchemaOf(kind).Definitions)
            if (!definition.IsRequired) Assert.Null(definition.Parse(definition.Default, out _));
    }

    [Fact]
    public void Defaults_print_as_they_are_written()
    {
        foreach (ConfigDefinition definition in ConfigDefinitions.Broker.Definitions)
        {
            if (definition.Default is null || definition.Type == ConfigType.Password) continue;
            Assert.Null(definition.Parse(definition.Default, out object? value));
            Assert.Equal(definition.Default, ConfigText.Print(value));
        }
    }
}
