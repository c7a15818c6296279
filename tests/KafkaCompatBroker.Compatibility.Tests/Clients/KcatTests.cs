using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

[Collection(BrokerCollection.Name)]
public sealed class KcatTests(RunningBroker broker)
{
    [KcatFact]
    public async Task Produces_and_consumes_with_every_codec()
    {
        foreach (var codec in new[] { "none", "gzip", "snappy", "lz4", "zstd" })
        {
            var topic = broker.NewTopicName($"kcat-{codec}");
            var lines = Enumerable.Range(0, 100).Select(i => $"k{i}:value {i} of kcat, value {i} of kcat").ToArray();
            await KcatAsync(string.Join('\n', lines) + "\n", "-P", "-t", topic, "-K:", "-z", codec, "-X", "acks=all");
            var read = await KcatAsync(null, "-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q", "-K:");
            Assert.Equal(lines, read.Lines);
        }
    }

    [KcatFact]
    public async Task Lists_brokers_topics_and_partitions()
    {
        var topic = broker.NewTopicName("kcat-list");
        await KcatAsync("x\n", "-P", "-t", topic);
        var listing = (await KcatAsync(null, "-L")).Output;
        Assert.Contains($"broker 1 at localhost:{broker.Node.Port}", listing, StringComparison.Ordinal);
        Assert.Contains($"topic \"{topic}\" with 1 partitions", listing, StringComparison.Ordinal);
        Assert.Contains("partition 0, leader 1, replicas: 1, isrs: 1", listing, StringComparison.Ordinal);
    }

    [KcatFact]
    public async Task Finds_offsets_by_time_and_reads_from_the_tail()
    {
        var topic = broker.NewTopicName("kcat-offsets");
        await KcatAsync("one\ntwo\nthree\n", "-P", "-t", topic);
        Assert.Contains("offset 3", (await KcatAsync(null, "-Q", "-t", $"{topic}:0:-1")).Output, StringComparison.Ordinal);
        Assert.Contains("offset 0", (await KcatAsync(null, "-Q", "-t", $"{topic}:0:-2")).Output, StringComparison.Ordinal);
        Assert.Equal(["three"], (await KcatAsync(null, "-C", "-t", topic, "-p", "0", "-o", "-1", "-e", "-q")).Lines);
    }

    [KcatFact]
    public async Task Reads_as_a_member_of_a_group_and_goes_on_where_it_committed()
    {
        var topic = broker.NewTopicName("kcat-group");
        await KcatAsync("one\ntwo\nthree\n", "-P", "-t", topic);
        Assert.Equal(["one", "two"], (await GroupAsync(topic, 2)).Lines);
        Assert.Equal(["three"], (await GroupAsync(topic, 1)).Lines);
    }

    private Task<CommandResult> GroupAsync(string topic, int records) =>
        KcatAsync(null, "-G", topic, "-c", $"{records}", "-q", "-X", "auto.offset.reset=earliest", topic);

    private async Task<CommandResult> KcatAsync(string? input, params string[] arguments) =>
        (await CommandResult.RunAsync("kcat", ["-b", broker.Bootstrap, .. arguments], input)).Succeeded();
}
