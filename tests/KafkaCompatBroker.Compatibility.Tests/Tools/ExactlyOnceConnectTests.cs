using System.Net.Http.Json;
using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>A worker of Kafka Connect that writes the records of a source and its offsets in transactions (KIP-618).</summary>
[Collection(BrokerCollection.Name)]
public sealed class ExactlyOnceConnectTests(RunningBroker broker)
{
    private const int Lines = 100;

    [KafkaToolsFact]
    public async Task Source_commits_each_line_once()
    {
        using var scratch = new ScratchDirectory();
        var topic = broker.NewTopicName("exact");
        var source = scratch.Write("in.txt", string.Concat(Enumerable.Range(0, Lines).Select(i => $"line {i}\n")));
        var rest = $"http://localhost:{Ports.Next()}";
        var worker = scratch.Write("worker.properties", string.Join('\n',
            $"bootstrap.servers={broker.Bootstrap}", $"group.id={topic}-workers", $"listeners={rest}", "exactly.once.source.support=enabled",
            "key.converter=org.apache.kafka.connect.storage.StringConverter", "value.converter=org.apache.kafka.connect.storage.StringConverter",
            Storage("config", topic), Storage("offset", topic), "offset.storage.partitions=1", Storage("status", topic), "status.storage.partitions=1"));

        await using (BackgroundTool.Start("connect-distributed.sh", worker))
        {
            using var http = new HttpClient();
            await CreateConnectorAsync(http, rest, topic, source);
            var read = ConfluentClients.Read(broker.Bootstrap, topic, 0, Lines, configure: config => config.IsolationLevel = IsolationLevel.ReadCommitted);
            Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"line {i}"), read.Select(record => record.Message.Value));
        }

        var listed = await KafkaTools.RunAsync("kafka-transactions", "--bootstrap-server", broker.Bootstrap, "list");
        Assert.Contains(listed.Lines, line => line.StartsWith($"{topic}-workers-{topic}-0", StringComparison.Ordinal));
    }

    private static string Storage(string kind, string topic) => $"{kind}.storage.topic={topic}-{kind}\n{kind}.storage.replication.factor=1";

    // The worker refuses until it has read its topics and leads its group.
    private static async Task CreateConnectorAsync(HttpClient http, string rest, string topic, string source)
    {
        Dictionary<string, object> connector = new()
        {
            ["name"] = topic,
            ["config"] = new Dictionary<string, string>
            {
                ["connector.class"] = "FileStreamSource",
                ["tasks.max"] = "1",
                ["file"] = source,
                ["topic"] = topic,
                ["exactly.once.support"] = "required",
            },
        };
        var until = DateTime.UtcNow.AddMinutes(3);
        var outcome = "";
        while (DateTime.UtcNow < until)
        {
            try
            {
                using var response = await http.PostAsJsonAsync($"{rest}/connectors", connector);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }

                outcome = await response.Content.ReadAsStringAsync();
            }
            catch (HttpRequestException cause)
            {
                outcome = cause.Message;
            }

            await Task.Delay(200);
        }

        Assert.Fail(outcome);
    }
}
