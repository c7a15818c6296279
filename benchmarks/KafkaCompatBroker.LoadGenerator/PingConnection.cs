using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>The cheapest request there is that needs no topic: FindCoordinator-free, state-free ApiVersions.</summary>
internal sealed class PingConnection(WireClient client, LoadOptions options, int index) : LoadConnection(client, options.Depth)
{
    protected override byte[] FirstFrame() => WireClient.Frame(new ApiVersionsRequest(), 0);

    protected override (int Records, int Bytes) OnAnswer(ReadOnlySpan<byte> answer)
    {
        var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer[4..]);
        return error == ErrorCode.None ? (0, answer.Length) : throw new IOException($"connection {index}: {error}");
    }
}
