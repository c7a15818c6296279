using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Tests.Formatting;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

public sealed class MetadataLogFaultTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly Dictionary<string, string> _properties;
    private readonly FaultyFileStore _files;

    public MetadataLogFaultTests()
    {
        _properties = MetadataNode.Properties(_root["data"]);
        MetadataNode.Format(_properties);
        _files = new FaultyFileStore(_root["data"]);
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Every_acknowledged_append_was_synced_before()
    {
        using var node = await OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            var before = _files.Flushes;
            await node.AppendTopicAsync($"topic-{i}");
            Assert.True(_files.Flushes > before, $"Append {i} was acknowledged without a sync.");
        }
    }

    [Fact]
    public async Task Appends_that_wait_share_a_sync()
    {
        using var node = await OpenAsync();
        var before = _files.Flushes;
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => node.AppendTopicAsync($"topic-{i}")));
        Assert.InRange(_files.Flushes - before, 1, 900);
    }

    [Fact]
    public async Task A_failed_sync_ends_the_log_and_nothing_more_is_acknowledged()
    {
        using var node = await OpenAsync();
        await node.AppendTopicAsync("kept");
        _files.FailsFlush = true;
        await Assert.ThrowsAsync<NotLeaderException>(() => node.AppendTopicAsync("lost"));
        await Assert.ThrowsAsync<NotLeaderException>(() => node.AppendTopicAsync("later"));
        Assert.NotNull(node.Failure);
        Assert.Equal(["kept"], node.Machine.Topics);
    }

    [Fact]
    public async Task A_full_disk_refuses_appends_until_there_is_room()
    {
        using var node = await OpenAsync();
        await node.AppendTopicAsync("before");
        _files.IsFull = true;
        await Assert.ThrowsAsync<NotLeaderException>(() => node.AppendTopicAsync("refused"));
        Assert.Null(node.Log.Describe());
        _files.IsFull = false;
        Assert.True(await EventuallyAppends(node));
        Assert.Null(node.Failure);
        Assert.Contains("before", node.Machine.Topics);
        Assert.Contains("after", node.Machine.Topics);
        Assert.Equal(2, node.Log.Describe()!.Epoch);
    }

    private async Task<MetadataNode> OpenAsync()
    {
        var node = MetadataNode.Open(_properties, _ => _files);
        await node.Log.Leading;
        return node;
    }

    // The log looks for room once a second.
    private static async Task<bool> EventuallyAppends(MetadataNode node)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            try
            {
                await node.AppendTopicAsync("after");
                return true;
            }
            catch (NotLeaderException)
            {
                await Task.Delay(100);
            }
        }
        return false;
    }
}
