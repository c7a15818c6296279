using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// The fixed start of every request. Read without any allocation, because it decides whether the rest of the frame is looked at.
/// </summary>
internal readonly ref struct RequestHead
{
    private const int FixedBytes = 8;
    private const int ClientIdLengthBytes = 2;

    private readonly ReadOnlyMemory<byte> _frame;

    private RequestHead(ReadOnlyMemory<byte> frame)
    {
        _frame = frame;
        ReadOnlySpan<byte> bytes = frame.Span;
        Key = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(bytes);
        Version = BinaryPrimitives.ReadInt16BigEndian(bytes[2..]);
        CorrelationId = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
    }

    public ApiKey Key { get; }

    public short Version { get; }

    public int CorrelationId { get; }

    /// <exception cref="WireFormatException">The frame is shorter than any request.</exception>
    public static RequestHead Read(ReadOnlyMemory<byte> frame) =>
        frame.Length >= FixedBytes ? new RequestHead(frame) : throw new WireFormatException($"a frame of {frame.Length} bytes is no request");

    /// <summary>Reads client id and tagged fields; returns the body.</summary>
    /// <exception cref="WireFormatException">The header ends too early.</exception>
    public ReadOnlyMemory<byte> ReadBody(ClientSession session, out string? clientId)
    {
        ReadOnlyMemory<byte> rest = _frame[FixedBytes..];
        if (rest.Length < ClientIdLengthBytes) throw new WireFormatException("the request header ends before its client id");
        int length = BinaryPrimitives.ReadInt16BigEndian(rest.Span);
        rest = rest[ClientIdLengthBytes..];
        if (length > rest.Length) throw new WireFormatException("the client id is longer than the frame");
        clientId = length < 0 ? null : session.ClientId(rest.Span[..length]);
        if (length > 0) rest = rest[length..];
        if (ApiTable.RequestHeaderVersion(Key, Version) < 2) return rest;
        var reader = new WireReader(rest);
        reader.SkipTaggedFields();
        return rest[reader.Position..];
    }
}
