using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Tests.Formatting;

/// <summary>Expected texts and exit codes are those of kafka-storage.sh of Apache Kafka 4.4.0.</summary>
public sealed class StorageCommandTests : IDisposable
{
    private const string ClusterId = "5L6g3nShT-eMCtK--X86sw";
    private readonly TemporaryDirectory _root = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly Dictionary<string, string> _properties;

    public StorageCommandTests() => _properties = new Dictionary<string, string>
    {
        ["process.roles"] = "broker,controller",
        ["node.id"] = "1",
        ["controller.listener.names"] = "CONTROLLER",
        ["listeners"] = "PLAINTEXT://localhost:9092,CONTROLLER://:9093",
        ["controller.quorum.bootstrap.servers"] = "localhost:9093",
        ["log.dirs"] = $"{_root["b"]},{_root["a"]}",
    };

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Standalone_writes_the_voter_and_the_features_into_the_bootstrap_snapshot()
    {
        Assert.Equal(0, Run("format", "-t", ClusterId, "-c", "x", "--standalone"));

        var meta = MetaProperties.Read(new MappedFileStore(_root["b"]))!;
        Assert.Equal((ClusterId, 1), (meta.ClusterId, meta.NodeId));
        var snapshot = ReadBootstrap(_root["b"]);
        var voter = Assert.Single(snapshot.Voters!.Voters);
        Assert.Equal((1, meta.DirectoryId), (voter.Key.Id, VoterRecords.ToUuid(voter.Key.DirectoryId)));
        Assert.Equal(("CONTROLLER", "localhost", 9093), (voter.Endpoints[0].Listener, voter.Endpoints[0].Host, voter.Endpoints[0].Port));
        Assert.Equal(1, snapshot.KRaftVersion);
        Assert.Equal(
            "metadata.version=33 eligible.leader.replicas.version=1 group.version=1 share.version=2 streams.version=1 transaction.version=2",
            string.Join(' ', snapshot.Records.Cast<FeatureLevelRecord>().Select(feature => $"{feature.Name}={feature.FeatureLevel}")));
        Assert.False(Directory.Exists(Path.Combine(_root["a"], "__cluster_metadata-0")));
        Assert.EndsWith(
            $"Formatting dynamic metadata voter directory {_root["b"]} with metadata.version 4.4-IV2.\nFormatting data directory {_root["a"]} with metadata.version 4.4-IV2.\n",
            _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Static_voters_leave_no_voters_in_the_log()
    {
        UseStaticVoters();
        Assert.Equal(0, Run("format", "-t", ClusterId, "-c", "x"));
        var snapshot = ReadBootstrap(_root["b"]);
        Assert.Null(snapshot.Voters);
        Assert.Equal(0, snapshot.KRaftVersion);
        Assert.Contains("Formatting metadata directory", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_gets_no_snapshot()
    {
        _properties["process.roles"] = "broker";
        Assert.Equal(0, Run("format", "-t", ClusterId, "-c", "x"));
        Assert.False(Directory.Exists(Path.Combine(_root["b"], "__cluster_metadata-0")));
        Assert.True(File.Exists(Path.Combine(_root["b"], "meta.properties")));
    }

    [Fact]
    public void Formatted_directories_are_refused_or_left_alone()
    {
        Run("format", "-t", ClusterId, "-c", "x", "-s");
        var meta = File.ReadAllText(Path.Combine(_root["b"], "meta.properties"));
        Directory.Delete(_root["a"], recursive: true);

        Assert.Equal(1, Run("format", "-t", ClusterId, "-c", "x", "-s"));
        Assert.Equal($"Log directory {_root["b"]} is already formatted. Use --ignore-formatted to ignore this directory and format the others.\n", _error.ToString());
        Assert.Equal(0, Run("format", "-t", ClusterId, "-c", "x", "-s", "--ignore-formatted"));
        Assert.True(File.Exists(Path.Combine(_root["a"], "meta.properties")));
        Assert.Equal(meta, File.ReadAllText(Path.Combine(_root["b"], "meta.properties")));
        Assert.Equal(0, Run("format", "-t", ClusterId, "-c", "x", "-s", "-g"));
        Assert.Equal("All of the log directories are already formatted.\n", _output.ToString());
    }

    [Fact]
    public void Directories_of_another_cluster_or_node_are_refused()
    {
        Run("format", "-t", ClusterId, "-c", "x", "-s");
        Assert.Equal(1, Run("format", "-t", "another", "-c", "x", "-s", "-g"));
        Assert.StartsWith($"Invalid cluster.id in: {_root["a"]}/meta.properties. Expected another, but read {ClusterId}", _error.ToString(), StringComparison.Ordinal);
        _properties["node.id"] = "2";
        Assert.Equal(1, Run("format", "-t", ClusterId, "-c", "x", "-s", "-g"));
        Assert.StartsWith("Stored node id 1 doesn't match previous node id 2", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Because controller.quorum.voters is not set on this controller")]
    [InlineData("kafka-storage: error: argument --no-initial-controllers/-N: not allowed with argument --standalone/-s", "-s", "-N")]
    [InlineData("No colon following port could be found.", "-I", "1@localhost:1")]
    [InlineData("Node id 1 was specified more than once.", "-I", "1@a:1:JEXY6aqzQY-32P5TStzaFg,1@b:2:JEXY6aqzQY-32P5TStzaFg")]
    [InlineData("Unsupported feature: foo. Supported features are: eligible.leader.replicas.version, group.version, kraft.version", "-s", "-f", "foo=1")]
    [InlineData("No feature:group.version with feature level 9", "-s", "-f", "group.version=9")]
    [InlineData("Cannot set kraft.version to 0 if", "-s", "-f", "kraft.version=0")]
    [InlineData("eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23", "-s", "-r", "3.9", "-f", "eligible.leader.replicas.version=1")]
    [InlineData("Use --release-version instead of --feature metadata.version=X", "-s", "-r", "4.0", "-f", "metadata.version=20")]
    [InlineData("metadata.version 4.5-IV0 is not yet stable.", "-s", "-f", "metadata.version=34")]
    [InlineData("Unknown metadata.version '9.9'. Supported metadata.version are: 3.3-IV3, 3.4-IV0,", "-s", "-r", "9.9")]
    [InlineData("SCRAM is only supported in metadata.version 3.5-IV2 or later.", "-s", "-r", "3.3", "-S", "SCRAM-SHA-256=[name=a,password=b]")]
    [InlineData("The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256", "-s", "-S", "SCRAM-SHA-256=[name=a,password=b,iterations=100]")]
    [InlineData("You must supply one of 'password' or 'saltedpassword' to add-scram", "-s", "-S", "SCRAM-SHA-256=[name=a]")]
    public void Bad_arguments_are_refused_and_nothing_is_written(string message, params string[] arguments)
    {
        Assert.Equal(1, Run(["format", "-t", ClusterId, "-c", "x", .. arguments]));
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Scram_credentials_become_records_and_are_not_printed()
    {
        Run("format", "-t", ClusterId, "-c", "x", "-s", "-S", "SCRAM-SHA-512=[name=alice,iterations=8192,salt=\"N3E=\",saltedpassword=\"YCE=\"]");
        var credential = Assert.Single(ReadBootstrap(_root["b"]).Records.OfType<UserScramCredentialRecord>());
        Assert.Equal(("alice", (sbyte)2, 8192), (credential.Name, credential.Mechanism, credential.Iterations));
        // What kafka-storage.sh computes from the same argument.
        Assert.Equal([113, 118, 163, 73, 249], credential.StoredKey[..5].ToArray());
        Assert.Equal([76, 97, 124, 14, 221], credential.ServerKey[..5].ToArray());
        Assert.DoesNotContain("storedKey", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.3-IV3", "7 (3.3-IV3)", "0 0 0 0 0 0")]
    [InlineData("3.9", "21 (3.9)", "1 0 0 0 0 0")]
    [InlineData("4.0-IV1", "23 (4.0-IV1)", "1 0 1 0 0 0")]
    [InlineData("4.0.1", "25 (4.0.1)", "1 2 1 0 0 0")]
    [InlineData("4.2-IV0", "28 (4.2-IV0)", "1 2 1 1 1 0")]
    [InlineData("4.4-IV0", "31 (4.4-IV0)", "1 2 1 1 2 1")]
    [InlineData(null, "33 (4.4-IV2)", "1 2 1 1 2 1")]
    public void Version_mapping_shows_the_features_of_a_release(string? release, string version, string levels)
    {
        Assert.Equal(0, release is null ? Run("version-mapping") : Run("version-mapping", "-r", release));
        string[] names = ["kraft.version", "transaction.version", "group.version", "eligible.leader.replicas.version", "share.version", "streams.version"];
        var lines = names.Zip(levels.Split(' '), (name, level) => $"{name}={level}\n");
        Assert.Equal($"metadata.version={version}\n{string.Concat(lines)}", _output.ToString());
    }

    [Theory]
    [InlineData("eligible.leader.replicas.version=1", 0, "eligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n")]
    [InlineData("share.version=2", 0, "share.version=2 has no dependencies.\n")]
    [InlineData("metadata.version=34", 0, "metadata.version=34 (4.5-IV0) has no dependencies.\n")]
    [InlineData("share.version=3", 1, "Feature level 3 is not supported for feature share.version\n")]
    [InlineData("metadata.version=35", 1, "Unknown metadata.version 35\n")]
    [InlineData("foo=1", 1, "Unknown feature: foo\n")]
    public void Feature_dependencies_are_shown(string feature, int exitCode, string text)
    {
        Assert.Equal(exitCode, Run("feature-dependencies", "-f", feature));
        Assert.Equal(text, _output.ToString() + _error);
    }

    [Fact]
    public void Info_names_what_is_wrong()
    {
        Directory.CreateDirectory(_root["a"]);
        Assert.Equal(1, Run("info", "-c", "x"));
        Assert.Equal(
            $"Found log directory:\n  {_root["a"]}\n\nFound problems:\n  {_root["a"]} is not formatted.\n  {_root["b"]} does not exist\n\n",
            _output.ToString());
        Run("format", "-t", ClusterId, "-c", "x", "-s");
        Assert.Equal(0, Run("info", "-c", "x"));
        Assert.Contains($"Found metadata: {{cluster.id={ClusterId}, directory.id=", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_ids_are_ids()
    {
        Assert.Equal(0, Run("random-uuid"));
        Assert.False(Protocol.Types.Uuid.Parse(_output.ToString().Trim()).IsReserved);
    }

    private int Run(params string[] arguments)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        return new StorageCommand(_output, _error, _ => _properties, TimeProvider.System).Run(arguments);
    }

    private void UseStaticVoters()
    {
        _properties.Remove("controller.quorum.bootstrap.servers");
        _properties["controller.quorum.voters"] = "1@localhost:9093";
    }

    private static Snapshot ReadBootstrap(string directory) =>
        SnapshotReader.Read(new MappedFileStore(directory), Path.Combine(directory, "__cluster_metadata-0", "00000000000000000000-0000000000.checkpoint"), SnapshotName.Bootstrap);
}
