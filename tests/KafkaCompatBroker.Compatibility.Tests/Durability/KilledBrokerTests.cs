using System.Collections.Concurrent;
using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>kill -9 takes the process, not what the operating system already has.</summary>
public sealed class KilledBrokerTests
{
    private const int Rounds = 3;
    private const int AcknowledgedPerRound = 2_000;
    private const string Topic = "survivor";

    [ConfluentFact]
    public async Task Every_acknowledged_record_is_there_after_each_of_several_kills()
    {
        using var node = new BrokerNode(["log.segment.bytes=1048576", "log.index.interval.bytes=1024"]);
        await node.FormatAsync();
        var acknowledged = new ConcurrentDictionary<long, string>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var broker = await node.StartAsync();
            if (round == 0)
            {
                await ConfluentClients.CreateTopicAsync(node.Bootstrap, Topic);
            }

            AssertStored(node, acknowledged);
            await ProduceUntilKilledAsync(node, broker, round, acknowledged);
        }

        await using var last = await node.StartAsync();
        AssertStored(node, acknowledged);
        Assert.True(acknowledged.Count >= Rounds * AcknowledgedPerRound);
        await last.StopAsync();
    }

    private static async Task ProduceUntilKilledAsync(
        BrokerNode node, BrokerProcess broker, int round, ConcurrentDictionary<long, string> acknowledged)
    {
        using var producer = ConfluentClients.Producer(node.Bootstrap, config =>
        {
            config.MessageSendMaxRetries = 0;
            config.LingerMs = 0;
        });
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var inRound = 0;
        var producing = Task.Run(() =>
        {
            for (var i = 0; !broker.HasExited; i++)
            {
                var value = $"{round}-{i}-" + new string('x', 200);
                try
                {
                    producer.Produce(Topic, new Message<string, string> { Value = value }, report =>
                    {
                        if (report.Error.Code == ErrorCode.NoError)
                        {
                            Assert.True(acknowledged.TryAdd(report.Offset, value), $"offset {report.Offset} was given twice");
                            if (Interlocked.Increment(ref inRound) == AcknowledgedPerRound)
                            {
                                enough.TrySetResult();
                            }
                        }
                    });
                }
                catch (ProduceException<string, string> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(10));
                }
            }
        });
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await broker.KillAsync();
        await producing;
        producer.Flush(TimeSpan.FromSeconds(5));
    }

    private static void AssertStored(BrokerNode node, ConcurrentDictionary<long, string> acknowledged)
    {
        if (acknowledged.IsEmpty)
        {
            return;
        }

        var last = acknowledged.Keys.Max();
        var stored = ConfluentClients.Read(node.Bootstrap, Topic, 0, (int)last + 1).ToDictionary(r => r.Offset.Value, r => r.Message.Value);
        Assert.All(acknowledged, pair => Assert.Equal(pair.Value, stored.GetValueOrDefault(pair.Key)));
    }
}
