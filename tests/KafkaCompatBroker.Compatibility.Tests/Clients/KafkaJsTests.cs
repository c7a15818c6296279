using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

/// <summary>A client of its own make in JavaScript, which uses no flexible version of any API.</summary>
[Collection(BrokerCollection.Name)]
public sealed class KafkaJsTests(RunningBroker broker)
{
    [KafkaJsTheory]
    [InlineData("records")]
    [InlineData("group")]
    [InlineData("positions")]
    [InlineData("transactions")]
    [InlineData("admin")]
    public Task Does_what_people_do_with_it(string scenario) =>
        ClientPrograms.KafkaJsAsync(broker.Bootstrap, scenario, broker.NewTopicName($"kafkajs-{scenario}"));
}
