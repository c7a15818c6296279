using System.Collections.Concurrent;
using Confluent.Kafka;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>A Confluent.Kafka consumer that subscribes and reads on a task of its own, so that it takes part in rebalances.</summary>
internal sealed class GroupMember : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private readonly ConcurrentDictionary<TopicPartition, bool> _owned = new();
    private readonly ConcurrentQueue<ConsumeResult<string, string>> _records = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IConsumer<string, string> _consumer;
    private readonly Task _reading;

    public GroupMember(string bootstrap, string group, string topic, GroupProtocol protocol, Action<ConsumerConfig>? configure = null)
    {
        ConsumerConfig config = new()
        {
            BootstrapServers = bootstrap,
            GroupId = group,
            GroupProtocol = protocol,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            AutoCommitIntervalMs = 200,
        };
        configure?.Invoke(config);
        _consumer = new ConsumerBuilder<string, string>(config)
            .SetLogHandler((_, _) => { })
            .SetPartitionsAssignedHandler((_, partitions) => partitions.ForEach(partition => _owned[partition] = true))
            .SetPartitionsRevokedHandler((_, partitions) => Forget(partitions))
            .SetPartitionsLostHandler((_, partitions) => Forget(partitions))
            .Build();
        _consumer.Subscribe(topic);
        _reading = Task.Run(Read);
    }

    public IConsumer<string, string> Consumer => _consumer;

    public int[] Owned => [.. _owned.Keys.Select(partition => partition.Partition.Value).Order()];

    public ConsumeResult<string, string>[] Records => [.. _records];

    /// <summary>Waits until something holds; fails the test when it does not within 40 s.</summary>
    public static async Task UntilAsync(Func<bool> holds, Func<string> state)
    {
        var until = DateTime.UtcNow + Limit;
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < until, $"It did not come about within {Limit.TotalSeconds} s: {state()}");
            await Task.Delay(20);
        }
    }

    public Task UntilOwnsAsync(int count) => UntilAsync(() => _owned.Count == count, () => $"owns {string.Join(',', Owned)}");

    public Task UntilReadAsync(int count) => UntilAsync(() => _records.Count >= count, () => $"{_records.Count} records of {count}");

    /// <summary>Ends the reading; the consumer stays in the group until it is disposed.</summary>
    public async Task StopReadingAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await StopReadingAsync();
        _consumer.Close();
        _consumer.Dispose();
        _stopping.Dispose();
    }

    private void Forget(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions)
        {
            _owned.TryRemove(partition.TopicPartition, out bool _);
        }
    }

    private void Read()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (_consumer.Consume(TimeSpan.FromMilliseconds(50)) is { } record)
                {
                    _records.Enqueue(record);
                }
            }
            catch (ConsumeException passing) when (!passing.Error.IsFatal)
            {
                // A broker that restarts, a topic that is being created: the client tries again.
            }
        }
    }
}
