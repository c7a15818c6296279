using System.Buffers.Binary;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>
/// The metadata controller on top of the log: the leader decides brokers, topics and configurations, every node applies the records.
/// Snapshots hold the image as records, so an image that does not survive its own snapshot shows as unequal.
/// </summary>
internal sealed class ControllerMachine : IStateMachine
{
    private const string ClusterId = "c2ltdWxhdGVkLWNsdXN0ZXI";
    private const int BrokersMax = 4;

    private readonly int _nodeId;
    private MetadataController _controller;
    private ulong _newIds;
    private ulong _digest;
    private bool _isDigested;

    public ControllerMachine(int nodeId, ulong seed)
    {
        (_nodeId, _newIds) = (nodeId, seed);
        _controller = New();
    }

    public ulong Digest
    {
        get
        {
            if (!_isDigested) (_digest, _isDigested) = (DigestOf(_controller.Image), true);
            return _digest;
        }
    }

    private MetadataImage Image => _controller.Image;

    public void Apply(RaftEntry entry)
    {
        var records = entry.Control is null ? Decode(entry.Bytes) : [];
        _controller.Apply(records, entry.NextOffset - 1, entry.Epoch);
        _isDigested = records.Count == 0 && _isDigested;
    }

    public object Save() => ImageRecords.Of(Image).Select(record => (ReadOnlyMemory<byte>)MetadataRecords.Write(record, RecordVersions.Of(record, Image.MetadataVersion))).ToList();

    public void Load(object? state)
    {
        _controller = New();
        if (state is List<ReadOnlyMemory<byte>> frames) _controller.Load(frames.Select(frame => MetadataRecords.Read(frame)), 0, 0);
        _isDigested = false;
    }

    public (byte[] Bytes, int Records)? Decide(SimulatedRandom random, long nowMs)
    {
        var records = Image.MetadataVersion == 0
            ? _controller.Activate(BootstrapRecords.For(FeatureCatalog.HighestMetadataVersion))
            : Command(random, nowMs);
        if (records.Count == 0) return null;
        var version = Image.MetadataVersion == 0 ? FeatureCatalog.HighestMetadataVersion : Image.MetadataVersion;
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var record in records)
        {
            var frame = MetadataRecords.Write(record, RecordVersions.Of(record, version));
            BinaryPrimitives.WriteInt32LittleEndian(length, frame.Length);
            bytes.Write(length);
            bytes.Write(frame);
        }
        return (bytes.ToArray(), records.Count);
    }

    private MetadataController New() =>
        new(new ControllerSettings(_nodeId, ClusterId, new ConfigResolver(new Dictionary<string, string>())), () => new Uuid((ulong)_nodeId + 100, _newIds++));

    private static List<IMessage> Decode(ReadOnlyMemory<byte> bytes)
    {
        var records = new List<IMessage>();
        while (!bytes.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
            records.Add(MetadataRecords.Read(bytes.Slice(4, length)));
            bytes = bytes[(4 + length)..];
        }
        return records;
    }

    private static ulong DigestOf(MetadataImage image)
    {
        var digest = 0UL;
        foreach (var record in ImageRecords.Of(image))
            foreach (var one in MetadataRecords.Write(record, RecordVersions.Of(record, image.MetadataVersion))) digest = (digest ^ one) * 1099511628211;
        return digest;
    }

    private IReadOnlyList<IMessage> Command(SimulatedRandom random, long nowMs)
    {
        var broker = random.Next(BrokersMax);
        var topic = $"topic-{random.Next(12)}";
        switch (random.Next(9))
        {
            case 0: return _controller.RegisterBroker(Registration(broker, random), Image.Offset + 1, nowMs).Records;
            case 1 or 2: return Image.Brokers.TryGetValue(broker, out var registered) ? _controller.BrokerHeartbeat(Heartbeat(broker, registered.Epoch, random), nowMs).Records : [];
            case 3 or 4: return _controller.CreateTopics(new CreateTopicsRequest { Topics = [Topic(topic, random)] }).Records;
            case 5: return _controller.DeleteTopics(new DeleteTopicsRequest { Topics = [new DeleteTopicsRequest.DeleteTopicState { Name = topic }] }).Records;
            case 6: return _controller.CreatePartitions(new CreatePartitionsRequest { Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = topic, Count = 1 + random.Next(6) }] }).Records;
            case 7: return _controller.IncrementalAlterConfigs(Alteration(topic, random)).Records;
            default: return random.Next(4) == 0 ? _controller.UnregisterBroker(new UnregisterBrokerRequest { BrokerId = broker }).Records : _controller.FenceSilentBroker(nowMs);
        }
    }

    private BrokerRegistrationRequest Registration(int broker, SimulatedRandom random) => new()
    {
        BrokerId = broker,
        ClusterId = ClusterId,
        IncarnationId = new Uuid(9, random.NextBits() | 1),
        Listeners = [new BrokerRegistrationRequest.Listener { Name = "PLAINTEXT", Host = "localhost", Port = (ushort)(9092 + broker) }],
        Features = [.. FeatureCatalog.Supported.Select(feature => new BrokerRegistrationRequest.Feature { Name = feature.Key, MinSupportedVersion = feature.Value.Lowest, MaxSupportedVersion = feature.Value.Highest })],
        Rack = $"rack-{broker % 2}",
        LogDirs = [new Uuid(5, (ulong)broker + 1)],
        PreviousBrokerEpoch = Image.Brokers.TryGetValue(broker, out var before) && random.Next(2) == 0 ? before.Epoch : -1,
    };

    private BrokerHeartbeatRequest Heartbeat(int broker, long epoch, SimulatedRandom random) => new()
    {
        BrokerId = broker,
        BrokerEpoch = epoch,
        CurrentMetadataOffset = Image.Offset,
        WantFence = random.Next(10) == 0,
        WantShutDown = random.Next(20) == 0,
    };

    private static CreateTopicsRequest.CreatableTopic Topic(string name, SimulatedRandom random) => new() { Name = name, NumPartitions = 1 + random.Next(4), ReplicationFactor = (short)(1 + random.Next(3)) };

    private static IncrementalAlterConfigsRequest Alteration(string topic, SimulatedRandom random) => new()
    {
        Resources =
        [
            new IncrementalAlterConfigsRequest.AlterConfigsResource
            {
                ResourceType = (sbyte)ConfigResourceType.Topic,
                ResourceName = topic,
                Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = "retention.ms", ConfigOperation = (sbyte)random.Next(2), Value = $"{random.Next(100_000)}" }],
            },
        ],
    };
}
