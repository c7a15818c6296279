using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

/// <summary>The metadata log of a node on a directory, as the broker runs it.</summary>
internal sealed class MetadataNode : IDisposable
{
    private readonly LogStore _store;

    private MetadataNode(LogStore store, MetadataLog log)
    {
        _store = store;
        Log = log;
        Log.Start(Machine, failure => Failure = failure);
    }

    public MetadataLog Log { get; }

    public RecordingStateMachine Machine { get; } = new();

    public Exception? Failure { get; private set; }

    public static Dictionary<string, string> Properties(string directory) => new()
    {
        ["process.roles"] = "broker,controller",
        ["node.id"] = "1",
        ["controller.listener.names"] = "CONTROLLER",
        ["listeners"] = "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
        ["log.dirs"] = directory,
    };

    public static void Format(Dictionary<string, string> properties)
    {
        string[] quorum = properties.ContainsKey("controller.quorum.voters") ? [] : ["--standalone"];
        var command = new StorageCommand(TextWriter.Null, TextWriter.Null, _ => properties, TimeProvider.System);
        Assert.Equal(0, command.Run(["format", "-t", "5L6g3nShT-eMCtK--X86sw", "-c", "x", .. quorum]));
    }

    public static MetadataNode Open(Dictionary<string, string> properties, Func<string, IFileStore>? files = null)
    {
        var store = LogStore.Open(new LogStoreOptions { Directories = [properties["log.dirs"]] }, TimeProvider.System, NullLogger.Instance, files);
        var directory = store.Directories[0];
        var options = MetadataLogOptions.From(new ConfigResolver(properties).BrokerValues(DynamicBrokerConfigs.None), directory.Id);
        return new MetadataNode(store, MetadataLog.Open(options, store, directory, TimeProvider.System, NullLogger.Instance));
    }

    public static async Task<MetadataNode> LeadAsync(Dictionary<string, string> properties)
    {
        var node = Open(properties);
        await node.Log.Leading;
        return node;
    }

    public Task<long> AppendTopicAsync(string name, bool atomic = true) => AppendAsync([(Topic(name), 0)], atomic);

    public Task<long> AppendAsync(IReadOnlyList<(IMessage Record, short Version)> records, bool atomic) => Log.AppendAsync(records, atomic, Log.Leadership.Epoch);

    public static IMessage Topic(string name) => new TopicRecord { Name = name, TopicId = new Uuid((ulong)name.GetHashCode(StringComparison.Ordinal), 7) };

    public void Close(bool clean)
    {
        Log.Close(clean);
        _store.Close(clean);
    }

    public void Dispose() => Close(clean: true);
}
