using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Finds the records in an answer about one partition without decoding all of it: the generator must be cheap.</summary>
internal sealed class FetchAnswer(string topic)
{
    private const short Version = 11;

    // correlation id, throttle time, error, session, topic count, name length, name, partition count, partition index.
    private readonly int _errorAt = 4 + 4 + 2 + 4 + 4 + 2 + topic.Length + 4 + 4;

    public static byte[] Request(string topic, int partition, long offset, int bytesMax, int waitMs) => WireClient.Frame(
        new FetchRequest
        {
            ReplicaId = -1,
            MaxWaitMs = waitMs,
            MinBytes = 1,
            MaxBytes = bytesMax,
            SessionId = 0,
            SessionEpoch = -1,
            Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = bytesMax }] }],
        },
        Version);

    public ReadOnlySpan<byte> Records(ReadOnlySpan<byte> answer)
    {
        var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer[_errorAt..]);
        if (error != ErrorCode.None) throw new IOException($"fetch failed: {error}");
        int at = _errorAt + 2 + 8 + 8 + 8;
        int aborted = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(answer[at..]));
        at += 4 + (16 * aborted) + 4;
        int length = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(answer[at..]));
        return answer.Slice(at + 4, length);
    }
}
