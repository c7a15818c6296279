using System.Globalization;
using Confluent.Kafka;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Copies one topic of one partition into one of two, in transactions that also commit how far it is, whatever happens to the brokers.</summary>
internal sealed class ExactCopy(string bootstrap, int records)
{
    public const string Source = "in";
    public const string Target = "out";

    private const int RecordsPerTransaction = 25;
    private const string Group = "copier";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private int _copied;

    /// <summary>Completes when all records are copied.</summary>
    public Task Copying { get; private set; } = Task.CompletedTask;

    /// <summary>Fills the source, whose topics exist, with 0, 1, 2 and so on, and begins.</summary>
    public static async Task<ExactCopy> StartAsync(string bootstrap, int records)
    {
        using (var filler = ConfluentClients.Producer(bootstrap))
        {
            await Task.WhenAll(Enumerable.Range(0, records).Select(i => filler.ProduceAsync(Source, new Message<string, string> { Value = $"{i}" })));
        }

        ExactCopy copy = new(bootstrap, records);
        copy.Copying = Task.Run(copy.Copy);
        return copy;
    }

    /// <summary>Waits until so many records are copied.</summary>
    public async Task UntilAsync(int count)
    {
        while (!Copying.IsCompleted && Volatile.Read(ref _copied) < count)
        {
            await Task.Delay(5);
        }
    }

    /// <summary>The committed records of the copy.</summary>
    public List<int> ReadCommitted()
    {
        using var consumer = ConfluentClients.Consumer(bootstrap, config =>
        {
            config.IsolationLevel = IsolationLevel.ReadCommitted;
            config.EnablePartitionEof = true;
        });
        consumer.Assign([new TopicPartitionOffset(Target, 0, 0), new TopicPartitionOffset(Target, 1, 0)]);
        List<int> values = [];
        for (var ends = 0; ends < 2;)
        {
            var record = consumer.Consume(Limit);
            if (record.IsPartitionEOF)
            {
                ends++;
            }
            else
            {
                values.Add(int.Parse(record.Message.Value, CultureInfo.InvariantCulture));
            }
        }

        return values;
    }

    /// <summary>Copies all records; starts over with a new producer and the committed offset when a transaction cannot go on.</summary>
    private void Copy()
    {
        while (Volatile.Read(ref _copied) < records)
        {
            using var consumer = ConfluentClients.Consumer(bootstrap, config =>
            {
                config.GroupId = Group;
                config.IsolationLevel = IsolationLevel.ReadCommitted;
            });
            using var producer = ConfluentClients.Producer(bootstrap, config =>
            {
                config.TransactionalId = Group;
                config.TransactionTimeoutMs = 10_000;
                config.MessageTimeoutMs = 10_000;
            });
            try
            {
                producer.InitTransactions(Limit);
                var from = consumer.Committed([new TopicPartition(Source, 0)], Limit).Single().Offset;
                var next = from == Offset.Unset ? 0 : from.Value;
                Volatile.Write(ref _copied, (int)next);
                consumer.Assign(new TopicPartitionOffset(Source, 0, next));
                while (next < records)
                {
                    next = CopyOne(consumer, producer, next);
                    Volatile.Write(ref _copied, (int)next);
                }
            }
            catch (KafkaException)
            {
                // What became of the transaction the committed offset tells.
            }
        }
    }

    private long CopyOne(IConsumer<string, string> consumer, IProducer<string, string> producer, long from)
    {
        producer.BeginTransaction();
        var next = from;
        while (next < Math.Min(from + RecordsPerTransaction, records))
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
            {
                producer.Produce(new TopicPartition(Target, (int)(record.Offset.Value % 2)), new Message<string, string> { Value = record.Message.Value });
                next = record.Offset.Value + 1;
            }
        }

        producer.SendOffsetsToTransaction([new TopicPartitionOffset(Source, 0, next)], consumer.ConsumerGroupMetadata, Limit);
        for (;;)
        {
            try
            {
                producer.CommitTransaction(Limit);
                return next;
            }
            catch (KafkaRetriableException)
            {
                // Nobody knows yet; the same commit again.
            }
        }
    }
}
