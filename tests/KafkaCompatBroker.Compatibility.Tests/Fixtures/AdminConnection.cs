using System.Globalization;
using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>What an administrator can see of a topic.</summary>
internal sealed record TopicState(int Partitions, string RetentionMs);

/// <summary>Administration over one connection to one broker, each request sent once: what has no answer has an outcome that nobody knows.</summary>
internal sealed class AdminConnection : IDisposable
{
    private const sbyte TopicResource = 2;
    private const string Retention = "retention.ms";
    private const int PatienceMs = 5_000;

    private readonly TestClient _client;

    private AdminConnection(TestClient client) => _client = client;

    /// <summary>Connects; null when the broker does not accept, or does not within two seconds.</summary>
    public static async Task<AdminConnection?> TryOpenAsync(string host, int port)
    {
        try
        {
            return new(await TestClient.ConnectAsync(port, host).WaitAsync(TimeSpan.FromSeconds(2)));
        }
        catch (Exception refused) when (refused is SocketException or TimeoutException)
        {
            return null;
        }
    }

    public Task<ErrorCode?> CreateAsync(string topic, TopicState state) => TryAsync(async () => (await _client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
        new()
        {
            Topics =
            [
                new()
                {
                    Name = topic,
                    NumPartitions = state.Partitions,
                    ReplicationFactor = 1,
                    Configs = [new() { Name = Retention, Value = state.RetentionMs }],
                },
            ],
            TimeoutMs = PatienceMs,
        },
        7)).Topics.Single().ErrorCode);

    public Task<ErrorCode?> DeleteAsync(string topic) => TryAsync(async () => (await _client.CallAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
        new() { Topics = [new() { Name = topic }], TimeoutMs = PatienceMs }, 6)).Responses.Single().ErrorCode);

    public Task<ErrorCode?> SetPartitionsAsync(string topic, int count) => TryAsync(async () => (await _client.CallAsync<CreatePartitionsRequest, CreatePartitionsResponse>(
        new() { Topics = [new() { Name = topic, Count = count, Assignments = null }], TimeoutMs = PatienceMs }, 3)).Results.Single().ErrorCode);

    public Task<ErrorCode?> SetRetentionAsync(string topic, string value) => TryAsync(async () => (await _client.CallAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
        new() { Resources = [new() { ResourceType = TopicResource, ResourceName = topic, Configs = [new() { Name = Retention, Value = value }] }] }, 1)).Responses.Single().ErrorCode);

    /// <summary>Leader and epoch of the metadata quorum; -1 while there is none.</summary>
    public async Task<(int Id, int Epoch)> LeaderAsync()
    {
        (int, int) leader = (-1, -1);
        await TryAsync(async () =>
        {
            var answer = await _client.CallAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
                new() { Topics = [new() { TopicName = TopicName.ClusterMetadata, Partitions = [new()] }] }, 2);
            if (answer.ErrorCode != ErrorCode.None) return answer.ErrorCode;
            var partition = answer.Topics.Single().Partitions.Single();
            if (partition.ErrorCode == ErrorCode.None) leader = (partition.LeaderId, partition.LeaderEpoch);
            return partition.ErrorCode;
        });
        return leader;
    }

    /// <summary>The brokers that are not fenced, as this broker sees them.</summary>
    public async Task<IReadOnlyList<int>> BrokersAsync()
    {
        IReadOnlyList<int> brokers = [];
        await TryAsync(async () =>
        {
            brokers = [.. (await _client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [] }, 12)).Brokers.Select(static broker => broker.NodeId).Order()];
            return ErrorCode.None;
        });
        return brokers;
    }

    /// <summary>All topics as this broker sees them; null when it does not answer.</summary>
    public async Task<Dictionary<string, TopicState>?> TopicsAsync()
    {
        Dictionary<string, TopicState>? topics = null;
        await TryAsync(async () =>
        {
            var metadata = await _client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = null }, 12);
            var configs = await _client.CallAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
                new() { Resources = [.. metadata.Topics.Select(static topic => new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = TopicResource, ResourceName = topic.Name!, ConfigurationKeys = [Retention] })] }, 4);
            // A topic that went between the two questions has no properties.
            var retention = configs.Results.Where(static result => result.Configs.Length == 1).ToDictionary(static result => result.ResourceName, static result => result.Configs[0].Value!);
            topics = metadata.Topics.Where(topic => retention.ContainsKey(topic.Name!)).ToDictionary(static topic => topic.Name!, topic => new TopicState(topic.Partitions.Length, retention[topic.Name!]));
            return ErrorCode.None;
        });
        return topics;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<ErrorCode?> TryAsync(Func<Task<ErrorCode>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception lost) when (lost is IOException or SocketException or TimeoutException or ObjectDisposedException)
        {
            return null;
        }
    }
}
