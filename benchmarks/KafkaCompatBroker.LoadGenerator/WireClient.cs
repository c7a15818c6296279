using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>A connection for set-up: one request, one answer. Its socket then carries the load.</summary>
internal sealed class WireClient : IDisposable
{
    private const string ClientId = "load-generator";

    public WireClient(IPEndPoint broker)
    {
        Socket = new Socket(broker.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Socket.Connect(broker);
    }

    public Socket Socket { get; }

    /// <summary>A whole frame, length prefix included.</summary>
    public static byte[] Frame<TRequest>(TRequest request, short version)
        where TRequest : IRequest<TRequest>
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt32(0);
        buffer.WriteInt16((short)TRequest.ApiKey);
        buffer.WriteInt16(version);
        buffer.WriteInt32(0);
        buffer.WriteString(false, ClientId);
        if (ApiTable.RequestHeaderVersion(TRequest.ApiKey, version) > 1) buffer.WriteUnsignedVarint(0);
        request.Write(buffer, version);
        byte[] frame = buffer.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - sizeof(int));
        return frame;
    }

    public TResponse Ask<TRequest, TResponse>(TRequest request, short version)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        Socket.Send(Frame(request, version));
        byte[] answer = Read(BinaryPrimitives.ReadInt32BigEndian(Read(sizeof(int))));
        var reader = new WireReader(answer);
        reader.ReadInt32();
        if (ApiTable.ResponseHeaderVersion(TRequest.ApiKey, version) > 0) reader.SkipTaggedFields();
        return TResponse.Read(ref reader, version);
    }

    public void Dispose() => Socket.Dispose();

    private byte[] Read(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int received = Socket.Receive(bytes.AsSpan(at));
            if (received == 0) throw new IOException("the broker closed the connection");
            at += received;
        }
        return bytes;
    }
}
