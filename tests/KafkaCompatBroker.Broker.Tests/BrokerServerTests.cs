using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests;

public sealed class BrokerServerTests
{
    [Fact]
    public async Task Two_nodes_run_in_one_process()
    {
        await using TestBroker first = await TestBroker.StartAsync();
        await using TestBroker second = await TestBroker.StartAsync();
        await first.CreateTopicAsync("only-here");

        Assert.NotEqual(first.Port, second.Port);
        Assert.NotEqual(first.Server.ClusterId, second.Server.ClusterId);
        Assert.Equal(ErrorCode.None, await ErrorOfAsync(first, "only-here"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await ErrorOfAsync(second, "only-here"));
    }

    [Fact]
    public async Task Second_node_on_the_same_directory_is_refused()
    {
        await using TestBroker running = await TestBroker.StartAsync();

        BrokerStartException refused = await Assert.ThrowsAsync<BrokerStartException>(
            () => BrokerServer.StartAsync(BrokerConfig.From(Properties(Path.Combine(running.Directory, "data"))), NullLoggerFactory.Instance));

        Assert.Contains(".lock", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directory_that_is_not_formatted_is_refused_with_the_command_to_format_it()
    {
        string directory = Directory.CreateTempSubdirectory("broker-").FullName;
        try
        {
            BrokerStartException refused = await Assert.ThrowsAsync<BrokerStartException>(
                () => BrokerServer.StartAsync(BrokerConfig.From(Properties(directory)), NullLoggerFactory.Instance));

            Assert.Contains("kafka-storage.sh format", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Port_that_is_taken_is_named()
    {
        await using TestBroker running = await TestBroker.StartAsync();

        BrokerStartException refused = await Assert.ThrowsAsync<BrokerStartException>(
            () => TestBroker.StartAsync(new Dictionary<string, string>
            {
                ["listeners"] = $"PLAINTEXT://127.0.0.1:{running.Port},CONTROLLER://127.0.0.1:0",
            }));

        Assert.Contains($"127.0.0.1:{running.Port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_start_releases_the_directory()
    {
        await using TestBroker running = await TestBroker.StartAsync();
        string data = Path.Combine(running.Directory, "data");
        Dictionary<string, string> taken = Properties(data);
        taken["listeners"] = "PLAINTEXT://256.0.0.1:1,CONTROLLER://127.0.0.1:0";
        await running.Server.StopAsync();
        await Assert.ThrowsAsync<BrokerStartException>(() => BrokerServer.StartAsync(BrokerConfig.From(taken), NullLoggerFactory.Instance));

        await using BrokerServer again = await BrokerServer.StartAsync(BrokerConfig.From(Properties(data)), NullLoggerFactory.Instance);

        Assert.Equal(running.Server.ClusterId, again.ClusterId);
    }

    [Theory]
    [InlineData("listeners", "PLAINTEXT//localhost:9092")]
    [InlineData("listeners", "PLAINTEXT://localhost:9092,PLAINTEXT://localhost:9093,CONTROLLER://localhost:9094")]
    [InlineData("listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9092")]
    [InlineData("listeners", "PLAINTEXT://localhost:70000,CONTROLLER://localhost:9092")]
    [InlineData("listeners", "UNKNOWN://localhost:9092,CONTROLLER://localhost:9093")]
    [InlineData("listeners", "CONTROLLER://localhost:9093")]
    [InlineData("advertised.listeners", "PLAINTEXT://0.0.0.0:9092")]
    [InlineData("listener.security.protocol.map", "PLAINTEXT:NOTHING")]
    [InlineData("process.roles", "nothing")]
    [InlineData("num.partitions", "0")]
    public void Bad_property_is_named(string key, string value)
    {
        Dictionary<string, string> properties = Properties("/tmp/not-used");
        properties[key] = value;

        BrokerConfigException refused = Assert.Throws<BrokerConfigException>(() => BrokerConfig.From(properties));

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("process.roles")]
    [InlineData("node.id")]
    public void Missing_property_is_named(string key)
    {
        Dictionary<string, string> properties = Properties("/tmp/not-used");
        properties.Remove(key);

        Assert.Contains(key, Assert.Throws<BrokerConfigException>(() => BrokerConfig.From(properties)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Advertised_listener_is_told_to_clients()
    {
        Dictionary<string, string> properties = Properties("/tmp/not-used");
        properties["advertised.listeners"] = "PLAINTEXT://broker.example:19092";

        ListenerConfig listener = BrokerConfig.From(properties).Listeners.Single(one => one.Name == "PLAINTEXT");

        Assert.Equal(("broker.example", (ushort)19092), (listener.Advertise(5).Host, listener.Advertise(5).Port));
    }

    private static Dictionary<string, string> Properties(string directory) => new(StringComparer.Ordinal)
    {
        ["process.roles"] = "broker,controller",
        ["node.id"] = "1",
        ["listeners"] = "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
        ["controller.listener.names"] = "CONTROLLER",
        ["controller.quorum.bootstrap.servers"] = "127.0.0.1:0",
        ["log.dirs"] = directory,
    };

    private static async Task<ErrorCode> ErrorOfAsync(TestBroker broker, string topic)
    {
        using TestClient client = await broker.ConnectAsync();
        MetadataResponse response = await client.CallAsync<MetadataRequest, MetadataResponse>(
            new() { Topics = [new() { Name = topic }], AllowAutoTopicCreation = false }, 9);
        return response.Topics[0].ErrorCode;
    }
}
