using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

/// <summary>A broker that exists for the controller only: the test fetches in its name.</summary>
internal sealed class PlayedFollower : IDisposable
{
    private const short FetchVersion = 17;

    private readonly TestClient _leader;
    private readonly TestClient _controller;

    private PlayedFollower(int id, TestClient leader, TestClient controller)
    {
        Id = id;
        _leader = leader;
        _controller = controller;
    }

    public int Id { get; }

    public long Epoch { get; private set; }

    public static async Task<PlayedFollower> StartAsync(int id, TestBroker node)
    {
        PlayedFollower follower = new(id, await node.ConnectAsync(), await TestClient.ConnectAsync(node.Server.Endpoints["CONTROLLER"].Port));
        await follower.RegisterAsync(node.Server.ClusterId);
        await follower.BeatAsync();
        return follower;
    }

    public async Task RegisterAsync(string clusterId)
    {
        BrokerRegistrationResponse answer = await _controller.CallAsync<BrokerRegistrationRequest, BrokerRegistrationResponse>(
            new()
            {
                BrokerId = Id,
                Rack = $"rack-{Id}",
                ClusterId = clusterId,
                IncarnationId = RandomId.Next(),
                Listeners = [new() { Name = "PLAINTEXT", Host = "127.0.0.1", Port = 1 }],
                Features = [.. FeatureCatalog.Supported.Select(static one => new BrokerRegistrationRequest.Feature { Name = one.Key, MinSupportedVersion = one.Value.Lowest, MaxSupportedVersion = one.Value.Highest })],
                LogDirs = [RandomId.Next()],
                PreviousBrokerEpoch = -1,
            },
            4);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Epoch = answer.BrokerEpoch;
    }

    /// <summary>Unfences the broker, or lets it be fenced or go.</summary>
    public async Task BeatAsync(bool wantsFence = false, bool wantsShutDown = false)
    {
        BrokerHeartbeatResponse answer = await _controller.CallAsync<BrokerHeartbeatRequest, BrokerHeartbeatResponse>(
            new() { BrokerId = Id, BrokerEpoch = Epoch, CurrentMetadataOffset = long.MaxValue, WantFence = wantsFence, WantShutDown = wantsShutDown }, 1);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
    }

    public async Task<FetchResponse.PartitionData> FetchAsync(
        Uuid topic, long offset, int waitMs = 0, int leaderEpoch = 0, int lastEpoch = -1, long? brokerEpoch = null, long logStart = 0, int? replicaId = null)
    {
        FetchResponse answer = await _leader.CallAsync<FetchRequest, FetchResponse>(
            new()
            {
                ReplicaState = new() { ReplicaId = replicaId ?? Id, ReplicaEpoch = brokerEpoch ?? Epoch },
                MaxWaitMs = waitMs,
                MinBytes = 1,
                MaxBytes = 1 << 20,
                SessionEpoch = -1,
                Topics =
                [
                    new()
                    {
                        TopicId = topic,
                        Partitions = [new() { PartitionMaxBytes = 1 << 20, FetchOffset = offset, CurrentLeaderEpoch = leaderEpoch, LastFetchedEpoch = lastEpoch, LogStartOffset = logStart }],
                    },
                ],
            },
            FetchVersion);
        return answer.Responses[0].Partitions[0];
    }

    public void Dispose()
    {
        _leader.Dispose();
        _controller.Dispose();
    }
}
