using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Tests.Formatting;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

public sealed class MetadataLogTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly Dictionary<string, string> _properties;

    public MetadataLogTests()
    {
        _properties = MetadataNode.Properties(_root["data"]);
        MetadataNode.Format(_properties);
    }

    private string LogDirectory => Path.Combine(_root["data"], "__cluster_metadata-0");

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task The_first_epoch_records_the_voters_and_then_takes_records()
    {
        using var node = await MetadataNode.LeadAsync(_properties);
        Assert.Equal(1, node.Log.KRaftVersion);
        Assert.Equal(6, node.Log.BootstrapRecords.Count);
        Assert.Equal(new Raft.Leadership(1, 1), Assert.Single(node.Machine.Leaderships));
        // Leader change, kraft.version and voters take the first three offsets.
        Assert.Equal(3, await node.AppendTopicAsync("a"));
        Assert.Equal(5, await node.AppendAsync([(MetadataNode.Topic("b"), 0), (MetadataNode.Topic("c"), 0)], atomic: true));
        Assert.Equal(["a", "b", "c"], node.Machine.Topics);
        Assert.Equal([2, 3, 5], node.Machine.Offsets);
        var quorum = node.Log.Describe()!;
        Assert.Equal((1, 1, 6), (quorum.LeaderId, quorum.Epoch, quorum.HighWatermark));
        Assert.Equal(6, Assert.Single(quorum.Voters).EndOffset);
    }

    [Theory]
    [InlineData(false, new long[] { 10_002, 20_002, 25_002 })]
    [InlineData(true, new long[] { 25_002 })]
    public async Task Many_records_go_in_batches_unless_they_must_stay_together(bool atomic, long[] ends)
    {
        using var node = await MetadataNode.LeadAsync(_properties);
        (IMessage, short)[] records = [.. Enumerable.Range(0, 25_000).Select(static i => (MetadataNode.Topic($"t{i}"), (short)0))];
        Assert.Equal(25_002, await node.AppendAsync(records, atomic));
        Assert.Equal(ends, node.Machine.Offsets.Skip(1));
        Assert.Equal(25_000, node.Machine.Topics.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_finds_everything_and_begins_an_epoch(bool clean)
    {
        var node = await MetadataNode.LeadAsync(_properties);
        for (var i = 0; i < 50; i++) await node.AppendTopicAsync($"topic-{i}");
        node.Close(clean);

        using var again = await MetadataNode.LeadAsync(_properties);
        Assert.Equal(50, again.Machine.Topics.Count());
        Assert.Equal(2, again.Log.Describe()!.Epoch);
        Assert.Equal(54, await again.AppendTopicAsync("one more"));
    }

    [Fact]
    public async Task The_files_have_everything_acknowledged_at_any_moment()
    {
        _properties["metadata.log.max.record.bytes.between.snapshots"] = "1500";
        using var node = await MetadataNode.LeadAsync(_properties);
        var acknowledged = 0;
        for (var kill = 0; kill < 6; kill++)
        {
            var appends = Enumerable.Range(0, 40).Select(async i =>
            {
                await node.AppendTopicAsync($"topic-{kill}-{i:d2}");
                Interlocked.Increment(ref acknowledged);
            }).ToArray();
            await appends[kill * 6];
            // What a process that is killed now leaves behind.
            var properties = MetadataNode.Properties(_root[$"killed-{kill}"]);
            var promised = Volatile.Read(ref acknowledged);
            foreach (var directory in (string[])["", "__cluster_metadata-0"]) Copy(Path.Combine(_root["data"], directory), Path.Combine(properties["log.dirs"], directory));
            using var after = await MetadataNode.LeadAsync(properties);
            Assert.True(after.Machine.Topics.Count() >= promised, $"{promised} topics were acknowledged, {after.Machine.Topics.Count()} are left.");
            await Task.WhenAll(appends);
        }
    }

    [Fact]
    public async Task A_torn_tail_is_cut_and_the_rest_kept()
    {
        var node = await MetadataNode.LeadAsync(_properties);
        await node.AppendTopicAsync("whole");
        await node.AppendTopicAsync("torn");
        node.Close(clean: true);
        var segment = Path.Combine(LogDirectory, "00000000000000000000.log");
        using (var file = File.OpenWrite(segment)) file.SetLength(file.Length - 5);

        using var again = await MetadataNode.LeadAsync(_properties);
        Assert.Equal(["whole"], again.Machine.Topics);
    }

    [Fact]
    public async Task Static_voters_stay_out_of_the_log()
    {
        var properties = MetadataNode.Properties(_root["static"]);
        properties["controller.quorum.voters"] = "1@localhost:9093";
        MetadataNode.Format(properties);
        using var node = await MetadataNode.LeadAsync(properties);
        Assert.Equal(0, node.Log.KRaftVersion);
        Assert.Equal(1, await node.AppendTopicAsync("a"));
        Assert.Contains("\"currentVoters\":[{\"voterId\":1}],\"data_version\":0}", File.ReadAllText(Path.Combine(_root["static"], "__cluster_metadata-0", "quorum-state")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_appends_at_once_are_committed_in_order()
    {
        using var node = await MetadataNode.LeadAsync(_properties);
        var offsets = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => node.AppendTopicAsync($"topic-{i:d3}")));
        Assert.Equal(offsets.Order(), offsets);
        Assert.Equal(500, offsets.Distinct().Count());
        Assert.Equal(500, node.Machine.Topics.Count());
    }

    [Fact]
    public async Task Snapshots_replace_the_log_below_them()
    {
        _properties["metadata.log.max.record.bytes.between.snapshots"] = "2000";
        _properties["metadata.log.segment.bytes"] = "4096";
        _properties["metadata.max.retention.bytes"] = "6000";
        var node = await MetadataNode.LeadAsync(_properties);
        for (var i = 0; i < 200; i++) await node.AppendTopicAsync($"topic-{i % 20:d2}");
        node.Close(clean: true);
        var snapshots = Directory.GetFiles(LogDirectory, "*.checkpoint").Select(path => Path.GetFileName(path)!).Order().ToArray();
        Assert.NotEmpty(snapshots);
        Assert.DoesNotContain("00000000000000000000-0000000000.checkpoint", snapshots);

        using var again = await MetadataNode.LeadAsync(_properties);
        Assert.Equal(1, again.Machine.Resets);
        Assert.Equal(20, again.Machine.Topics.Count());
        Assert.Equal(1, again.Log.KRaftVersion);
        Assert.Equal(2, again.Log.Describe()!.Epoch);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_passed_over_while_the_log_has_its_records()
    {
        _properties["metadata.log.max.record.bytes.between.snapshots"] = "2000";
        var node = await MetadataNode.LeadAsync(_properties);
        for (var i = 0; i < 60; i++) await node.AppendTopicAsync($"topic-{i:d2}");
        node.Close(clean: true);
        var newest = Directory.GetFiles(LogDirectory, "*.checkpoint").Order().Last();
        var bytes = File.ReadAllBytes(newest);
        bytes[^100] ^= 1;
        File.Delete(newest);
        File.WriteAllBytes(newest, bytes);

        using var again = await MetadataNode.LeadAsync(_properties);
        Assert.Equal(60, again.Machine.Topics.Count());
    }

    [Fact]
    public async Task Records_of_a_transaction_are_applied_when_it_ends_or_not_at_all()
    {
        using var node = await MetadataNode.LeadAsync(_properties);
        await node.AppendAsync([(new BeginTransactionRecord { Name = "x" }, 0), (MetadataNode.Topic("a"), 0)], atomic: true);
        Assert.Empty(node.Machine.Topics);
        await node.AppendAsync([(MetadataNode.Topic("b"), 0), (new EndTransactionRecord(), 0)], atomic: true);
        Assert.Equal(["a", "b"], node.Machine.Topics);
        await node.AppendAsync([(new BeginTransactionRecord { Name = "y" }, 0), (MetadataNode.Topic("c"), 0)], atomic: true);
        await node.AppendAsync([(new AbortTransactionRecord { Reason = "no" }, 0), (MetadataNode.Topic("d"), 0)], atomic: true);
        Assert.Equal(["a", "b", "d"], node.Machine.Topics);
    }

    [Fact]
    public async Task A_new_leader_ends_the_transaction_that_the_one_before_left_open()
    {
        var node = await MetadataNode.LeadAsync(_properties);
        await node.AppendAsync([(new BeginTransactionRecord { Name = "x" }, 0), (MetadataNode.Topic("a"), 0)], atomic: true);
        node.Close(clean: true);

        using var again = await MetadataNode.LeadAsync(_properties);
        await again.AppendTopicAsync("b");
        Assert.Equal(["b"], again.Machine.Topics);
    }

    [Fact]
    public async Task A_log_whose_beginning_is_lost_is_refused()
    {
        _properties["metadata.log.max.record.bytes.between.snapshots"] = "2000";
        var node = await MetadataNode.LeadAsync(_properties);
        for (var i = 0; i < 60; i++) await node.AppendTopicAsync($"topic-{i:d2}");
        node.Close(clean: true);
        foreach (var snapshot in Directory.GetFiles(LogDirectory, "*.checkpoint")) File.Delete(snapshot);
        foreach (var file in Directory.GetFiles(LogDirectory, "00000000000000000000.*")) File.Move(file, file.Replace("00000000000000000000.", "00000000000000000003.", StringComparison.Ordinal));
        using var again = MetadataNode.Open(_properties);
        await Assert.ThrowsAsync<QuorumException>(() => again.Log.Leading);
    }

    [Fact]
    public async Task Nothing_is_taken_after_the_end()
    {
        var node = await MetadataNode.LeadAsync(_properties);
        node.Close(clean: true);
        await Assert.ThrowsAsync<NotLeaderException>(() => node.AppendTopicAsync("late"));
    }

    [Fact]
    public async Task Another_disk_is_another_voter()
    {
        var meta = Path.Combine(_root["data"], "meta.properties");
        File.WriteAllText(meta, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(meta), "directory.id=.*", "directory.id=JEXY6aqzQY-32P5TStzaFg"));
        using var node = MetadataNode.Open(_properties);
        await Assert.ThrowsAsync<QuorumException>(() => node.Log.Leading);
    }

    [Fact]
    public async Task Records_too_many_for_one_batch_are_split_unless_they_must_stay_together()
    {
        using var node = await MetadataNode.LeadAsync(_properties);
        (IMessage, short)[] records = [.. Enumerable.Range(0, 40).Select(i => ((IMessage)new ConfigRecord { ResourceName = "t", Name = $"n{i}", Value = new string('x', 30_000), ResourceType = 2 }, (short)0))];
        await node.AppendAsync(records, atomic: false);
        Assert.Equal(3, node.Machine.Offsets.Count); // leader change and two batches
        await node.AppendAsync(records, atomic: true);
        Assert.Equal(4, node.Machine.Offsets.Count);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        // A snapshot that is being written is worthless after a crash, and locked while it is.
        string[] skipped = [".lock", ".part"];
        foreach (var file in Directory.GetFiles(from).Where(file => !skipped.Contains(Path.GetExtension(file))))
        {
            try
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
            catch (FileNotFoundException)
            {
                // Renamed in between, as a snapshot is when it is complete.
            }
        }
    }
}
