using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>
/// From produce to consume: one connection sends single records at a fixed rate (open loop: a slow broker does not slow the sender down),
/// another long-polls. The record carries its intended send time, so waiting behind a late one counts.
/// </summary>
internal static class TailLoad
{
    private const short ProduceVersion = 8;
    private const int BatchCrcAt = 17;
    private const int BatchCrcFromAt = 21;

    public static LoadResult Run(LoadOptions options)
    {
        var latency = new LatencyHistogram();
        using var producer = new WireClient(options.Bootstrap);
        using var consumer = new WireClient(options.Bootstrap);
        long start = Stopwatch.GetTimestamp();
        long measureFrom = start + (long)(options.WarmupSeconds * Stopwatch.Frequency);
        long end = measureFrom + (long)(options.Seconds * Stopwatch.Frequency);
        double brokerCpu = 0;

        long firstOffset = EndOffset(consumer, options);
        var consuming = new Thread(() => Consume(consumer, options, firstOffset, measureFrom, latency));
        consuming.Start();
        var draining = new Thread(() => Drain(producer.Socket));
        draining.Start();
        byte[] frame = Frame(options, out int batchAt, out int valueAt);
        long interval = Stopwatch.Frequency / options.Rate;
        bool measures = false;
        long sent = 0;
        for (long due = start; due < end; due += interval)
        {
            if (!measures && due >= measureFrom)
            {
                measures = true;
                brokerCpu = options.BrokerPid is { } pid ? ProcessCpu.Ms(pid) : 0;
            }
            PreciseSleep.Until(due);
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(valueAt), due);
            uint crc = Crc32C.Compute(frame.AsSpan(batchAt + BatchCrcFromAt));
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(batchAt + BatchCrcAt), crc);
            producer.Socket.Send(frame);
            if (measures) sent++;
        }
        brokerCpu = options.BrokerPid is { } again ? ProcessCpu.Ms(again) - brokerCpu : 0;
        for (int waits = 0; waits < 1_000 && latency.Count < sent; waits++) Thread.Sleep(10);
        consumer.Socket.Shutdown(SocketShutdown.Both);
        producer.Socket.Shutdown(SocketShutdown.Both);
        consuming.Join();
        draining.Join();
        return new LoadResult
        {
            Seconds = options.Seconds,
            Requests = sent,
            Records = latency.Count,
            Bytes = latency.Count * options.RecordBytes,
            Errors = latency.Count >= sent ? 0 : 1,
            FirstError = latency.Count >= sent ? "" : $"{sent} records sent, {latency.Count} received",
            Latency = latency,
            BrokerCpuMs = options.BrokerPid is null ? null : brokerCpu,
        };
    }

    private static byte[] Frame(LoadOptions options, out int batchAt, out int valueAt)
    {
        byte[] value = new byte[Math.Max(sizeof(long), options.RecordBytes)];
        new Random(5).NextBytes(value);
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, value);
        byte[] batch = builder.Build();
        byte[] frame = WireClient.Frame(
            new ProduceRequest
            {
                Acks = 1,
                TimeoutMs = 30_000,
                TopicData = [new() { Name = options.Topic, PartitionData = [new() { Index = 0, Records = batch }] }],
            },
            ProduceVersion);
        batchAt = frame.AsSpan().IndexOf(batch);
        valueAt = frame.AsSpan().IndexOf(value);
        return frame;
    }

    private static long EndOffset(WireClient client, LoadOptions options)
    {
        ListOffsetsResponse answer = client.Ask<ListOffsetsRequest, ListOffsetsResponse>(
            new ListOffsetsRequest
            {
                ReplicaId = -1,
                Topics = [new() { Name = options.Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = -1 }] }],
            },
            5);
        return answer.Topics[0].Partitions[0].Offset;
    }

    private static void Consume(WireClient client, LoadOptions options, long offset, long measureFrom, LatencyHistogram latency)
    {
        var layout = new FetchAnswer(options.Topic);
        byte[] answer = new byte[(2 * options.MaxBytes) + 4096];
        // The value is followed by the count of headers (one byte); with a fixed shape its place counts from the end of the batch.
        int valueFromEnd = Math.Max(sizeof(long), options.RecordBytes) + 1;
        while (true)
        {
            client.Socket.Send(FetchAnswer.Request(options.Topic, 0, offset, options.MaxBytes, waitMs: 500));
            if (ReadFrame(client.Socket, answer) is not { } length) return;
            long now = Stopwatch.GetTimestamp();
            ReadOnlySpan<byte> batches = layout.Records(answer.AsSpan(0, length));
            while (RecordBatchView.TryRead(batches, out RecordBatchView batch) == RecordBatchStatus.Ok)
            {
                long due = BinaryPrimitives.ReadInt64BigEndian(batches[(batch.SizeInBytes - valueFromEnd)..]);
                if (due >= measureFrom) latency.Record(now - due);
                offset = batch.NextOffset;
                batches = batches[batch.SizeInBytes..];
            }
        }
    }

    private static int? ReadFrame(Socket socket, byte[] target)
    {
        if (!TryRead(socket, target.AsSpan(0, sizeof(int)))) return null;
        int length = BinaryPrimitives.ReadInt32BigEndian(target);
        return TryRead(socket, target.AsSpan(0, length)) ? length : null;
    }

    private static bool TryRead(Socket socket, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int received = socket.Receive(target, SocketFlags.None, out SocketError error);
            if (received <= 0 || error != SocketError.Success) return false;
            target = target[received..];
        }
        return true;
    }

    private static void Drain(Socket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        while (socket.Receive(buffer, SocketFlags.None, out SocketError error) > 0 && error == SocketError.Success)
        {
        }
    }
}
