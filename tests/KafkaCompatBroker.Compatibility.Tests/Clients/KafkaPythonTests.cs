using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

/// <summary>A client of its own make in Python, of 2020: it takes the release from ApiVersions or is told an old one.</summary>
[Collection(BrokerCollection.Name)]
public sealed class KafkaPythonTests(RunningBroker broker)
{
    [KafkaPythonTheory]
    [InlineData("records")]
    [InlineData("group")]
    [InlineData("administration")]
    public Task Does_what_people_do_with_it(string scenario) =>
        ClientPrograms.KafkaPythonAsync(broker.Bootstrap, scenario, broker.NewTopicName($"python-{scenario}"));
}
