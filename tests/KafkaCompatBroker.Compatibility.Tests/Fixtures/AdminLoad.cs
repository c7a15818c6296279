using System.Collections.Concurrent;
using System.Globalization;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>
/// Administrators that create and delete topics, add partitions and change properties all the time, and remember every change that was
/// acknowledged. A topic whose last change has no answer, or an error, is left alone: it may be in the state before or in the one after.
/// </summary>
internal sealed class AdminLoad : IAsyncDisposable
{
    private const int Administrators = 3;
    private const int TopicsEach = 6;
    private static readonly TimeSpan Convergence = TimeSpan.FromSeconds(60);

    private readonly (string Host, int Port)[] _brokers;
    private readonly ConcurrentDictionary<string, KnownTopic> _known = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _running;
    private readonly string _prefix;
    private int _acknowledged;

    public AdminLoad(IEnumerable<(string Host, int Port)> brokers, string prefix = "load")
    {
        (_brokers, _prefix) = ([.. brokers], prefix);
        _running = [.. Enumerable.Range(0, Administrators).Select(number => Task.Run(() => RunAsync(number)))];
    }

    /// <summary>Changes that were acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Waits until so many more changes are acknowledged; a minute without them fails the test.</summary>
    public async Task MoreAsync(int changes)
    {
        var (wanted, until) = (Acknowledged + changes, DateTime.UtcNow + Convergence);
        while (Acknowledged < wanted)
        {
            Assert.True(DateTime.UtcNow < until, $"only {Acknowledged} of {wanted} changes were acknowledged");
            await Task.Delay(10);
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
    }

    /// <summary>Fails the test unless each of the brokers comes to show exactly what was acknowledged. Only after <see cref="StopAsync"/>.</summary>
    public async Task CheckAsync(IEnumerable<(string Host, int Port)> brokers)
    {
        foreach (var (host, port) in brokers)
        {
            var until = DateTime.UtcNow + Convergence;
            IReadOnlyList<string> differences;
            while ((differences = await DifferencesAsync(host, port)).Count > 0)
            {
                Assert.True(DateTime.UtcNow < until, $"{host}:{port} after {Acknowledged} acknowledged changes:\n{string.Join('\n', differences.Take(20))}");
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task<IReadOnlyList<string>> DifferencesAsync(string host, int port)
    {
        using var connection = await AdminConnection.TryOpenAsync(host, port);
        if (connection is null || await connection.TopicsAsync() is not { } topics) return ["does not answer"];
        return
        [
            .. _known.Where(known => !known.Value.Allows(topics.GetValueOrDefault(known.Key))).Select(known => $"{known.Key}: {Text(topics.GetValueOrDefault(known.Key))} instead of {known.Value}"),
            .. topics.Keys.Where(name => name.StartsWith(_prefix, StringComparison.Ordinal) && !_known.ContainsKey(name)).Select(name => $"{name}: never asked for"),
        ];
    }

    private async Task RunAsync(int number)
    {
        var random = new Random(number);
        var topics = new List<string>();
        AdminConnection? connection = null;
        for (var step = number; !_stopping.IsCancellationRequested; step++)
        {
            var (host, port) = _brokers[step % _brokers.Length];
            connection ??= await AdminConnection.TryOpenAsync(host, port);
            if (connection is null)
            {
                await Task.Delay(20);
                continue;
            }
            if (await ChangeAsync(connection, random, topics, $"{_prefix}-{number}-{step}")) continue;
            connection.Dispose();
            connection = null;
        }
        connection?.Dispose();
    }

    /// <summary>Makes one change; false when the connection is of no more use.</summary>
    private async Task<bool> ChangeAsync(AdminConnection connection, Random random, List<string> topics, string newName)
    {
        var isNew = topics.Count < TopicsEach;
        var name = isNew ? newName : topics[random.Next(topics.Count)];
        var topic = _known.GetOrAdd(name, static _ => new KnownTopic());
        var before = topic.Certain;
        var (after, change) = (isNew ? 3 : random.Next(3)) switch
        {
            0 => ((TopicState?)null, connection.DeleteAsync(name)),
            1 => Grown(connection, name, before!),
            2 => Kept(connection, name, before!, random.Next(1, 1_000_000)),
            _ => Created(connection, name, new TopicState(random.Next(1, 4), $"{random.Next(1, 1_000_000)}")),
        };
        topic.Begin(after);
        var error = await change;
        if (error == ErrorCode.None)
        {
            topic.Acknowledge(after);
            Interlocked.Increment(ref _acknowledged);
            if (isNew) topics.Add(name);
            else if (after is null) topics.Remove(name);
            return true;
        }
        topics.Remove(name);
        return error is not null;
    }

    private static (TopicState?, Task<ErrorCode?>) Created(AdminConnection connection, string name, TopicState state) => (state, connection.CreateAsync(name, state));

    private static (TopicState?, Task<ErrorCode?>) Grown(AdminConnection connection, string name, TopicState before) =>
        (before with { Partitions = before.Partitions + 1 }, connection.SetPartitionsAsync(name, before.Partitions + 1));

    private static (TopicState?, Task<ErrorCode?>) Kept(AdminConnection connection, string name, TopicState before, int retentionMs)
    {
        var value = retentionMs.ToString(CultureInfo.InvariantCulture);
        return (before with { RetentionMs = value }, connection.SetRetentionAsync(name, value));
    }

    private static string Text(TopicState? state) => state is null ? "absent" : $"{state.Partitions} partitions kept {state.RetentionMs} ms";

    /// <summary>What is known of a topic: the state that was acknowledged last, and the one that a change without an answer would lead to.</summary>
    private sealed class KnownTopic
    {
        private readonly Lock _gate = new();
        private TopicState? _next;
        private bool _isUncertain;

        public TopicState? Certain { get; private set; }

        public void Begin(TopicState? next)
        {
            lock (_gate) (_next, _isUncertain) = (next, true);
        }

        public void Acknowledge(TopicState? state)
        {
            lock (_gate) (Certain, _isUncertain) = (state, false);
        }

        public bool Allows(TopicState? seen)
        {
            lock (_gate) return seen == Certain || (_isUncertain && seen == _next);
        }

        public override string ToString()
        {
            lock (_gate) return Text(Certain) + (_isUncertain ? $" or {Text(_next)}" : "");
        }
    }
}
