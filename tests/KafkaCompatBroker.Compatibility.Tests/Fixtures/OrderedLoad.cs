using Confluent.Kafka;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>An idempotent producer that writes 0, 1, 2 and so on to one partition with acks=all, and goes on whatever happens to the brokers.</summary>
internal sealed class OrderedLoad : IAsyncDisposable
{
    private const int UnderWayMax = 200;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _room = new(UnderWayMax);
    private readonly CancellationTokenSource _stopping = new();
    private readonly IProducer<string, string> _producer;
    private readonly Task _producing;
    private volatile string? _failure;
    private int _acknowledged;
    private int _sent;

    public OrderedLoad(string bootstrap, string topic)
    {
        _producer = ConfluentClients.Producer(bootstrap, static config =>
        {
            config.EnableIdempotence = true;
            config.LingerMs = 0;
            config.MessageTimeoutMs = 120_000;
        });
        _producing = Task.Run(() => ProduceAsync(topic));
    }

    /// <summary>Records acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Waits until this many more are acknowledged.</summary>
    public Task MoreAsync(int records)
    {
        var goal = Acknowledged + records;
        return Eventually.HoldsAsync(
            () =>
            {
                Assert.Null(_failure);
                return Task.FromResult(Acknowledged >= goal);
            },
            $"{goal} records are not acknowledged");
    }

    /// <summary>Sends no more; every record that was sent must be acknowledged in the end.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _producing;
        Assert.Equal(0, _producer.Flush(Limit));
        Assert.Null(_failure);
        Assert.Equal(_sent, Acknowledged);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _producing;
        _producer.Dispose();
        _stopping.Dispose();
        _room.Dispose();
    }

    private async Task ProduceAsync(string topic)
    {
        while (!_stopping.IsCancellationRequested)
        {
            // Some pauses, so that not all is in one batch and the logs stay small.
            if (_sent % 20 == 0) await Task.Delay(5);
            if (!await _room.WaitAsync(TimeSpan.FromMilliseconds(100))) continue;
            _producer.Produce(new TopicPartition(topic, 0), new Message<string, string> { Value = $"{_sent++}" }, Report);
        }
    }

    private void Report(DeliveryReport<string, string> report)
    {
        if (report.Error.Code == ErrorCode.NoError)
            Interlocked.Increment(ref _acknowledged);
        else
            _failure = $"{report.Message.Value}: {report.Error}";
        _room.Release();
    }
}
