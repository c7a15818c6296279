using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>Three nodes administered with Apache Kafka's tools; what is expected is what they print of three nodes of the real one.</summary>
[Collection(AdministeredCollection.Name)]
public sealed class AdministrationTests(AdministeredCluster cluster)
{
    private string[] ByBroker => ["--bootstrap-server", cluster.Nodes.Bootstrap(2)];

    private string[] ByController => ["--bootstrap-controller", cluster.Nodes.Controller(3)];

    [ToolSessionFact]
    public async Task Brokers_and_controllers_describe_the_quorum()
    {
        foreach (var entry in (string[][])[ByBroker, ByController])
        {
            var status = (await RunAsync("kafka-metadata-quorum", [.. entry, "describe", "--status"])).Output;
            Assert.Matches($@"ClusterId:\s+{BrokerNode.ClusterId}", status);
            Assert.Matches(@"LeaderId:\s+[123]\b", status);
            foreach (int id in (int[])[1, 2, 3])
                Assert.Contains($$"""{"id": {{id}}, "directoryId": "{{DynamicCluster.DirectoryId(id)}}", "endpoints": ["CONTROLLER://{{cluster.Nodes.Controller(id)}}"]}""", status, StringComparison.Ordinal);
            Assert.Matches(@"CurrentObservers:\s+\[\]", status);
            var replication = (await RunAsync("kafka-metadata-quorum", [.. entry, "describe", "--replication"])).Output;
            Assert.Single(replication.Split('\n'), static line => line.Contains("Leader  ", StringComparison.Ordinal));
            Assert.Equal(2, replication.Split('\n').Count(static line => line.Contains("Follower", StringComparison.Ordinal)));
            Assert.Contains("kraft.version", (await RunAsync("kafka-features", [.. entry, "describe"])).Output, StringComparison.Ordinal);
            Assert.Contains(BrokerNode.ClusterId, (await RunAsync("kafka-cluster", ["cluster-id", .. entry])).Output, StringComparison.Ordinal);
        }
    }

    [ToolSessionFact]
    public async Task Features_go_up_and_down_where_nothing_can_be_lost()
    {
        Assert.Contains("kraft.version was upgraded to 1.", (await RunAsync("kafka-features", [.. ByBroker, "upgrade", "--feature", "kraft.version=1"])).Output, StringComparison.Ordinal);
        foreach (var how in (string[][])[["disable", "--feature", "kraft.version"], ["downgrade", "--unsafe", "--feature", "kraft.version=0"]])
            Assert.Contains("Invalid update version 0 for feature kraft.version. Can't downgrade the version of this feature.", await FailAsync("kafka-features", [.. ByBroker, .. how]), StringComparison.Ordinal);
        Assert.Contains("Unsupported metadata.version downgrade from 33 to 21. Refusing", await FailAsync("kafka-features", [.. ByBroker, "downgrade", "--feature", "metadata.version=21"]), StringComparison.Ordinal);
        Assert.Contains("Unsafe metadata downgrade is not supported", await FailAsync("kafka-features", [.. ByBroker, "downgrade", "--unsafe", "--feature", "metadata.version=21"]), StringComparison.Ordinal);
        await RunAsync("kafka-features", [.. ByController, "downgrade", "--feature", "transaction.version=1", "--dry-run"]);
        await RunAsync("kafka-features", [.. ByController, "downgrade", "--feature", "transaction.version=1"]);
        Assert.Matches(@"transaction.version\s.*FinalizedVersionLevel: 1\s", (await RunAsync("kafka-features", [.. ByBroker, "describe"])).Output);
        Assert.Contains("Can't downgrade to a newer version.", await FailAsync("kafka-features", [.. ByController, "downgrade", "--feature", "transaction.version=2"]), StringComparison.Ordinal);
        Assert.Contains("setting the upgrade type", await FailAsync("kafka-features", [.. ByController, "upgrade", "--feature", "metadata.version=30"]), StringComparison.Ordinal);
        await RunAsync("kafka-features", [.. ByController, "upgrade", "--release-version", "4.4"]);
        Assert.Matches(@"transaction.version\s.*FinalizedVersionLevel: 2\s", (await RunAsync("kafka-features", [.. ByBroker, "describe"])).Output);
    }

    [ToolSessionFact]
    public async Task Endpoints_are_listed_and_unknown_brokers_cannot_be_unregistered()
    {
        var brokers = (await RunAsync("kafka-cluster", ["list-endpoints", .. ByBroker, "--include-fenced-brokers"])).Output;
        foreach (int id in (int[])[1, 2, 3]) Assert.Matches($@"\n{id}\s+localhost\s+{cluster.Nodes.Bootstrap(id)[10..]}\s+rack-{id % 2}\s+unfenced\s+broker", brokers);
        var controllers = (await RunAsync("kafka-cluster", ["list-endpoints", .. ByController])).Output;
        foreach (int id in (int[])[1, 2, 3]) Assert.Matches($@"\n{id}\s+localhost\s+{cluster.Nodes.Controller(id)[10..]}\s+null\s+controller", controllers);
        Assert.Contains("Broker ID 77 is not currently registered", await FailAsync("kafka-cluster", ["unregister", .. ByBroker, "--id", "77"]), StringComparison.Ordinal);
    }

    [ToolSessionFact]
    public async Task Topics_are_placed_by_hand_and_across_racks()
    {
        await RunAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "by-hand", "--replica-assignment", "1,2,3,2"]);
        Assert.Equal(["1", "2", "3", "2"], await ReplicasAsync("by-hand"));
        await RunAsync("kafka-topics", [.. ByBroker, "--alter", "--topic", "by-hand", "--partitions", "6", "--replica-assignment", "1,2,3,2,3,3"]);
        Assert.Equal(["1", "2", "3", "2", "3", "3"], await ReplicasAsync("by-hand"));
        Assert.Contains("includes broker 9, but no such broker is registered", await FailAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "bad", "--replica-assignment", "1,9"]), StringComparison.Ordinal);
        Assert.Contains("replication factor of 4 cannot be reached", await FailAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "bad", "--partitions", "1", "--replication-factor", "4"]), StringComparison.Ordinal);
        Assert.Contains("already has 6 partition(s)", await FailAsync("kafka-topics", [.. ByBroker, "--alter", "--topic", "by-hand", "--partitions", "6"]), StringComparison.Ordinal);

        // Broker 2 is alone in its rack.
        await RunAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "racks", "--partitions", "6", "--replication-factor", "2"]);
        Assert.All(await ReplicasAsync("racks"), static replicas => Assert.Contains("2", replicas.Split(',')));
        var spread = await ReplicasAsync("racks");
        Assert.Equal(["1", "2", "3"], spread.SelectMany(static replicas => replicas.Split(',')).Distinct().Order());
    }

    [ToolSessionFact]
    public async Task Elections_answer_what_there_is_to_elect()
    {
        await RunAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "elected", "--replica-assignment", "1,2,3"]);
        Assert.Contains("Valid replica already elected for partitions elected-0", (await RunAsync("kafka-leader-election", [.. ByBroker, "--election-type", "preferred", "--topic", "elected", "--partition", "0"])).Output, StringComparison.Ordinal);
        Assert.Contains("Valid replica already elected for partitions elected-1", (await RunAsync("kafka-leader-election", [.. ByBroker, "--election-type", "unclean", "--topic", "elected", "--partition", "1"])).Output, StringComparison.Ordinal);
        await RunAsync("kafka-leader-election", [.. ByBroker, "--election-type", "preferred", "--all-topic-partitions"]);
        Assert.Contains("UnknownTopicOrPartitionException", await FailAsync("kafka-leader-election", [.. ByBroker, "--election-type", "preferred", "--topic", "missing", "--partition", "0"]), StringComparison.Ordinal);
    }

    [ToolSessionFact]
    public async Task A_reassignment_is_refused_or_carried_out_and_then_over()
    {
        await RunAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "moved", "--replica-assignment", "1"]);
        var topics = cluster.Nodes.Write("topics.json", """{"version":1,"topics":[{"topic":"moved"}]}""");
        Assert.Contains("""[{"topic":"moved","partition":0,"replicas":[3],"log_dirs":["any"]}]""", (await RunAsync("kafka-reassign-partitions", [.. ByBroker, "--generate", "--topics-to-move-json-file", topics, "--broker-list", "3"])).Output, StringComparison.Ordinal);
        var unknown = cluster.Nodes.Write("unknown.json", """{"version":1,"partitions":[{"topic":"moved","partition":0,"replicas":[9]}]}""");
        Assert.Contains("Unknown broker id 9", await FailAsync("kafka-reassign-partitions", [.. ByBroker, "--execute", "--reassignment-json-file", unknown]), StringComparison.Ordinal);

        var plan = cluster.Nodes.Write("plan.json", """{"version":1,"partitions":[{"topic":"moved","partition":0,"replicas":[3]}]}""");
        Assert.Contains("Successfully started partition reassignment for moved-0", (await RunAsync("kafka-reassign-partitions", [.. ByBroker, "--execute", "--reassignment-json-file", plan])).Output, StringComparison.Ordinal);
        string verified;
        int looks = 0;
        do verified = (await RunAsync("kafka-reassign-partitions", [.. ByBroker, "--verify", "--preserve-throttles", "--reassignment-json-file", plan])).Output;
        while (verified.Contains("Reassignment of partition moved-0 is still in progress.", StringComparison.Ordinal) && ++looks < 100);
        Assert.Contains("Reassignment of partition moved-0 is completed.", verified, StringComparison.Ordinal);
        Assert.Equal(["3"], await ReplicasAsync("moved"));
        Assert.Contains("None of the specified partition reassignments are active.", (await RunAsync("kafka-reassign-partitions", [.. ByController, "--cancel", "--preserve-throttles", "--reassignment-json-file", plan])).Output, StringComparison.Ordinal);
        Assert.Contains("No partition reassignments found.", (await RunAsync("kafka-reassign-partitions", [.. ByController, "--list"])).Output, StringComparison.Ordinal);
    }

    [ToolSessionFact]
    public async Task Authorization_is_refused_as_by_a_cluster_without_authorizer()
    {
        foreach (var entry in (string[][])[ByBroker, ByController])
            Assert.Contains("No Authorizer is configured", await FailAsync("kafka-acls", [.. entry, "--list"]), StringComparison.Ordinal);
        Assert.Contains("No Authorizer is configured", await FailAsync("kafka-acls", [.. ByBroker, "--add", "--allow-principal", "User:a", "--operation", "Read", "--topic", "t"]), StringComparison.Ordinal);
        foreach (var what in (string[][])[["--describe"], ["--create", "--max-life-time-period", "-1"], ["--renew", "--renew-time-period", "-1", "--hmac", "aGVsbG8="], ["--expire", "--expiry-time-period", "-1", "--hmac", "aGVsbG8="]])
            Assert.Contains("Delegation Token requests are not allowed", await FailAsync("kafka-delegation-tokens", [.. ByBroker, "--command-config", "/dev/null", .. what]), StringComparison.Ordinal);
    }

    /// <summary>The replicas of each partition, in order.</summary>
    private async Task<string[]> ReplicasAsync(string topic)
    {
        var described = await RunAsync("kafka-topics", [.. ByBroker, "--describe", "--topic", topic]);
        return [.. described.Lines.Skip(1).Where(static line => line.Contains("Replicas: ", StringComparison.Ordinal)).Select(static line => line.Split("\tReplicas: ")[1].Split('\t')[0])];
    }

    private Task<CommandResult> RunAsync(string tool, params string[] arguments) => cluster.Tools.RunAsync(tool, arguments);

    private Task<string> FailAsync(string tool, params string[] arguments) => cluster.Tools.FailAsync(tool, arguments);
}
