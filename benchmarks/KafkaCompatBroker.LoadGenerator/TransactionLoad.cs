using System.Diagnostics;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>
/// Producers that commit one small transaction after another as a client of transactions version 2 does (KIP-890): Produce adds the partition,
/// EndTxn gives the next epoch, CONCURRENT_TRANSACTIONS is tried again after the Java producer's retry.backoff.ms. Latency is from the first Produce to the end of
/// EndTxn.
/// </summary>
internal static class TransactionLoad
{
    private const short ProduceVersion = 12;
    private const short EndVersion = 5;
    private const short InitVersion = 4;
    private const int BackoffMs = 100;

    public static LoadResult Run(LoadOptions options)
    {
        Producer[] producers = [.. Enumerable.Range(0, options.Connections).Select(index => new Producer(options, index))];
        Thread[] threads = [.. producers.Select(producer => new Thread(producer.Run))];
        foreach (Thread thread in threads) thread.Start();
        Thread.Sleep(TimeSpan.FromSeconds(options.WarmupSeconds));
        double cpu = options.BrokerPid is { } pid ? ProcessCpu.Ms(pid) : 0;
        long start = Stopwatch.GetTimestamp();
        foreach (Producer producer in producers) producer.Measures = true;
        Thread.Sleep(TimeSpan.FromSeconds(options.Seconds));
        foreach (Producer producer in producers) producer.Measures = false;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        cpu = options.BrokerPid is { } again ? ProcessCpu.Ms(again) - cpu : 0;
        foreach (Producer producer in producers) producer.Stops = true;
        foreach (Thread thread in threads) thread.Join();

        var latency = new LatencyHistogram();
        foreach (Producer producer in producers) latency.Add(producer.Latency);
        var result = new LoadResult
        {
            Seconds = seconds,
            Requests = latency.Count,
            Records = latency.Count,
            Latency = latency,
            BrokerCpuMs = cpu,
            Errors = producers.Count(producer => producer.Error.Length > 0),
            FirstError = producers.FirstOrDefault(producer => producer.Error.Length > 0)?.Error ?? "",
        };
        result.Extra["concurrentPerTransaction"] = producers.Sum(producer => (double)producer.Concurrent) / Math.Max(1, latency.Count);
        return result;
    }

    private sealed class Producer(LoadOptions options, int index)
    {
        private readonly string _id = $"load-{Environment.ProcessId}-{index}";
        private readonly byte[] _value = new byte[options.RecordBytes];
        private readonly Dictionary<int, int> _sequences = [];
        private long _producerId;
        private short _epoch;

        public LatencyHistogram Latency { get; } = new();

        public string Error { get; private set; } = "";

        public long Concurrent { get; private set; }

        public volatile bool Measures;

        public volatile bool Stops;

        public void Run()
        {
            try
            {
                using var client = new WireClient(options.Bootstrap);
                Coordinators.Find(client, _id, Coordinators.Transaction);
                Begin(client);
                while (!Stops)
                {
                    long start = Stopwatch.GetTimestamp();
                    Produce(client);
                    End(client);
                    if (Measures) Latency.Record(Stopwatch.GetTimestamp() - start);
                }
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
            {
                Error = exception.Message;
            }
        }

        private void Begin(WireClient client)
        {
            while (true)
            {
                InitProducerIdResponse answer = client.Ask<InitProducerIdRequest, InitProducerIdResponse>(
                    new InitProducerIdRequest { TransactionalId = _id, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 }, InitVersion);
                (_producerId, _epoch) = (answer.ProducerId, answer.ProducerEpoch);
                if (answer.ErrorCode == ErrorCode.None) return;
                if (!IsRetriable(answer.ErrorCode)) throw new IOException($"no producer id: {answer.ErrorCode}");
                Thread.Sleep(BackoffMs);
            }
        }

        private void Produce(WireClient client)
        {
            int partition = index % options.Partitions;
            int sequence = _sequences.GetValueOrDefault(partition);
            var builder = new RecordBatchBuilder(
                new RecordBatchOptions { ProducerId = _producerId, ProducerEpoch = _epoch, BaseSequence = sequence, IsTransactional = true },
                options.RecordBytes + 128);
            builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, _value);
            byte[] batch = builder.Build();
            while (true)
            {
                ProduceResponse answer = client.Ask<ProduceRequest, ProduceResponse>(
                    new ProduceRequest
                    {
                        TransactionalId = _id,
                        Acks = -1,
                        TimeoutMs = 30_000,
                        TopicData = [new() { Name = options.Topic, PartitionData = [new() { Index = partition, Records = batch }] }],
                    },
                    ProduceVersion);
                ErrorCode error = answer.Responses[0].PartitionResponses[0].ErrorCode;
                if (error == ErrorCode.None) break;
                if (!IsRetriable(error)) throw new IOException($"produce failed: {error}");
                if (Measures) Concurrent++;
                Thread.Sleep(BackoffMs);
            }

            _sequences[partition] = sequence + 1;
        }

        private void End(WireClient client)
        {
            while (true)
            {
                EndTxnResponse answer = client.Ask<EndTxnRequest, EndTxnResponse>(
                    new EndTxnRequest { TransactionalId = _id, ProducerId = _producerId, ProducerEpoch = _epoch, Committed = true }, EndVersion);
                if (answer.ErrorCode == ErrorCode.None)
                {
                    // A new epoch starts every sequence again.
                    (_producerId, _epoch) = (answer.ProducerId, answer.ProducerEpoch);
                    _sequences.Clear();
                    return;
                }

                if (!IsRetriable(answer.ErrorCode)) throw new IOException($"the transaction did not end: {answer.ErrorCode}");
                Thread.Sleep(BackoffMs);
            }
        }

        private static bool IsRetriable(ErrorCode error) => error is ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorLoadInProgress
            or ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotEnoughReplicas;
    }
}
