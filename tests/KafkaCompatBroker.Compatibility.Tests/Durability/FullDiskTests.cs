using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>
/// A full disk stops writes, not the broker; the real Kafka gives the directory up instead, so this is asked of our executable only.
/// </summary>
public sealed class FullDiskTests
{
    private const string Topic = "filling";

    [SmallDiskFact]
    public async Task Produce_is_refused_while_the_disk_is_full_and_works_again_when_there_is_room()
    {
        using var disk = new SmallDisk(megabytes: 48);
        using var node = new BrokerNode(["log.segment.bytes=1048576", "log.index.size.max.bytes=65536"], Path.Combine(disk.Path, "data"));
        await using var broker = await node.FormatAndStartAsync();
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, Topic);
        using var producer = ConfluentClients.Producer(node.Bootstrap, config => config.MessageSendMaxRetries = 0);
        Assert.Null(await ErrorOfAsync(producer));
        var filler = Path.Combine(disk.Path, "filler");
        SmallDisk.Fill(filler);

        var stored = 1;
        ErrorCode? error;
        while ((error = await ErrorOfAsync(producer)) is null && stored < 200)
        {
            stored++;
        }

        Assert.Equal(ErrorCode.KafkaStorageError, error);
        Assert.Equal(stored, ConfluentClients.Read(node.Bootstrap, Topic, 0, stored).Count);

        File.Delete(filler);
        var until = DateTime.UtcNow.AddSeconds(30);
        while (await ErrorOfAsync(producer) is not null)
        {
            Assert.True(DateTime.UtcNow < until, "still refused 30 s after there is room again");
            await Task.Delay(200);
        }

        await broker.StopAsync();
    }

    private static async Task<ErrorCode?> ErrorOfAsync(IProducer<string, string> producer)
    {
        try
        {
            await producer.ProduceAsync(Topic, new() { Value = new string('v', 500_000) });
            return null;
        }
        catch (ProduceException<string, string> refused)
        {
            return refused.Error.Code;
        }
    }
}

/// <summary>Needs our executable, Confluent.Kafka, and the right to mount.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() =>
        Skip = Requirements.NoBrokerExecutable ?? NativeLibrdkafka.Missing ?? SmallDisk.Impossible;
}
