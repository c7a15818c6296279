using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests;

/// <summary>Properties of a broker that act while it runs (KIP-226).</summary>
public sealed class DynamicBrokerConfigTests
{
    private const sbyte Broker = 4;
    private const string Node = "1";

    [Fact]
    public async Task The_limit_of_connections_from_one_address_acts_at_once()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using TestClient admin = await broker.ConnectAsync();
        await AlterAsync(admin, "max.connections.per.ip", "1");
        await UntilAsync(() => Task.FromResult(!IsServed(broker.Port)));
        await AlterAsync(admin, "max.connections.per.ip", "2147483647");
        await UntilAsync(() => Task.FromResult(IsServed(broker.Port)));
    }

    [Fact]
    public async Task A_broker_whose_directories_are_all_cordoned_gets_no_new_replicas()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new Dictionary<string, string> { ["broker.heartbeat.interval.ms"] = "50" });
        using TestClient admin = await broker.ConnectAsync();
        await AlterAsync(admin, "cordoned.log.dirs", "*");
        await UntilAsync(async () => await CreateAsync(admin) == ErrorCode.InvalidReplicationFactor);
        await AlterAsync(admin, "cordoned.log.dirs", "");
        await UntilAsync(async () => await CreateAsync(admin) == ErrorCode.None);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(30));
        while (!await condition()) await Task.Delay(20, timeout.Token);
    }

    private static bool IsServed(int port)
    {
        using TcpClient socket = new();
        try
        {
            socket.Connect("127.0.0.1", port);
            // ApiVersions v0 with correlation id 1 and no client id.
            socket.GetStream().Write([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);
            return socket.GetStream().ReadByte() >= 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<ErrorCode> CreateAsync(TestClient admin)
    {
        CreateTopicsResponse response = await admin.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new CreateTopicsRequest { Topics = [new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 1, ReplicationFactor = 1 }], TimeoutMs = 5000, ValidateOnly = true }, 7);
        return response.Topics[0].ErrorCode;
    }

    private static async Task AlterAsync(TestClient admin, string name, string value)
    {
        IncrementalAlterConfigsResponse response = await admin.CallAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
            new IncrementalAlterConfigsRequest
            {
                Resources =
                [
                    new IncrementalAlterConfigsRequest.AlterConfigsResource
                    {
                        ResourceType = Broker,
                        ResourceName = Node,
                        Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = name, Value = value }],
                    },
                ],
            },
            1);
        Assert.Equal(ErrorCode.None, response.Responses[0].ErrorCode);
    }
}
