using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

/// <summary>A controller whose decisions are committed at once.</summary>
internal sealed class ControllerFixture
{
    public const string ClusterId = "cHJvYmUtY2x1c3Rlci1pZA";

    private ulong _ids = 1000;
    private long _nowMs;

    public ControllerFixture(int brokers = 1, short metadataVersion = FeatureCatalog.HighestMetadataVersion, params (string Name, string Value)[] properties)
    {
        var resolver = new ConfigResolver(properties.ToDictionary(p => p.Name, p => p.Value));
        Controller = new MetadataController(new ControllerSettings(1, ClusterId, resolver), () => new Uuid(7, ++_ids));
        Commit(Controller.Activate(BootstrapRecords.For(metadataVersion)));
        for (int id = 1; id <= brokers; id++) Start(id, rack: brokers > 1 ? $"rack-{id % 2}" : null);
    }

    public MetadataController Controller { get; }

    public List<IMessage> Log { get; } = [];

    public MetadataImage Image => Controller.Image;

    public void Commit(IReadOnlyList<IMessage> records)
    {
        if (records.Count == 0) return;
        Log.AddRange(records);
        Controller.Apply(records, Controller.Image.Offset + records.Count, 1);
    }

    public TResponse Run<TResponse>(Decision<TResponse> decision)
    {
        Commit(decision.Records);
        return decision.Response;
    }

    public BrokerImage Start(int id, string? rack = null, bool wasClean = true)
    {
        long previous = Image.Brokers.TryGetValue(id, out BrokerImage? before) && wasClean ? before.Epoch : -1;
        _nowMs += 20_000; // a start is long after the last session
        Assert.Equal(ErrorCode.None, Run(Controller.RegisterBroker(Registration(id, rack, previous), Image.Offset + 1, _nowMs)).ErrorCode);
        Heartbeat(id, wantFence: false);
        return Image.Brokers[id];
    }

    public BrokerRegistrationRequest Registration(int id, string? rack = null, long previousEpoch = -1) => new()
    {
        BrokerId = id,
        ClusterId = ClusterId,
        IncarnationId = new Uuid(9, ++_ids),
        Listeners = [new BrokerRegistrationRequest.Listener { Name = "PLAINTEXT", Host = "localhost", Port = (ushort)(9091 + id) }],
        Features = [.. FeatureCatalog.Supported.Select(f => new BrokerRegistrationRequest.Feature { Name = f.Key, MinSupportedVersion = f.Value.Lowest, MaxSupportedVersion = f.Value.Highest })],
        Rack = rack,
        LogDirs = [new Uuid(5, (ulong)id)],
        PreviousBrokerEpoch = previousEpoch,
    };

    public BrokerHeartbeatResponse Heartbeat(int id, bool wantFence = false, bool wantShutDown = false, long? nowMs = null) =>
        Run(Controller.BrokerHeartbeat(new BrokerHeartbeatRequest
        {
            BrokerId = id,
            BrokerEpoch = Image.Brokers[id].Epoch,
            CurrentMetadataOffset = Image.Offset,
            WantFence = wantFence,
            WantShutDown = wantShutDown,
        }, nowMs ?? _nowMs));

    public CreateTopicsResponse.CreatableTopicResult Create(string name, int partitions = 1, short replicationFactor = 1, params (string Name, string? Value)[] configs) =>
        Assert.Single(Run(Controller.CreateTopics(new CreateTopicsRequest { Topics = [Topic(name, partitions, replicationFactor, configs)] })).Topics);

    public static CreateTopicsRequest.CreatableTopic Topic(string name, int partitions = 1, short replicationFactor = 1, params (string Name, string? Value)[] configs) => new()
    {
        Name = name,
        NumPartitions = partitions,
        ReplicationFactor = replicationFactor,
        Configs = [.. configs.Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Name, Value = c.Value })],
    };

    public static CreateTopicsRequest.CreatableTopic Manual(string name, params (int Index, int[] Brokers)[] assignments) => new()
    {
        Name = name,
        NumPartitions = -1,
        ReplicationFactor = -1,
        Assignments = [.. assignments.Select(a => new CreateTopicsRequest.CreatableReplicaAssignment { PartitionIndex = a.Index, BrokerIds = a.Brokers })],
    };

    public IncrementalAlterConfigsResponse.AlterConfigsResourceResponse Alter(ConfigResource resource, string name, sbyte operation, string? value) =>
        Assert.Single(Run(Controller.IncrementalAlterConfigs(new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new IncrementalAlterConfigsRequest.AlterConfigsResource
                {
                    ResourceType = (sbyte)resource.Type,
                    ResourceName = resource.Name,
                    Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = name, ConfigOperation = operation, Value = value }],
                },
            ],
        })).Responses);

    /// <summary>The image as the bytes of its snapshot, for comparison.</summary>
    public static IReadOnlyList<string> Dump(MetadataImage image) =>
        [.. ImageRecords.Of(image).Select(record => Convert.ToHexString(MetadataRecords.Write(record, RecordVersions.Of(record, image.MetadataVersion))))];

    public static MetadataImage Replay(IEnumerable<IMessage> records)
    {
        var delta = new MetadataDelta(MetadataImage.Empty);
        foreach (IMessage record in records) delta.Apply(record);
        return delta.ToImage(0, 0);
    }
}
