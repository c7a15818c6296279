using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace KafkaCompatBroker.Network.Tests;

/// <summary>A blocking socket that speaks frames, and whatever else a test wants to send.</summary>
internal sealed class RawClient : IDisposable
{
    private const int TimeoutMs = 20_000;

    public RawClient(IPEndPoint server, int? receiveBufferBytes = null)
    {
        IPAddress address = server.Address.Equals(IPAddress.IPv6Any) || server.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : server.Address;
        Socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes is { } bytes) Socket.ReceiveBufferSize = bytes;
        Socket.ReceiveTimeout = Socket.SendTimeout = TimeoutMs;
        Socket.Connect(new IPEndPoint(address, server.Port));
    }

    public Socket Socket { get; }

    public static byte[] Frame(ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame.AsSpan(4));
        return frame;
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[Socket.Send(bytes)..];
    }

    public void SendFrame(params ReadOnlySpan<byte> body) => Send(Frame(body));

    public byte[] ReadFrame() => Read(BinaryPrimitives.ReadInt32BigEndian(Read(4)));

    public byte[] Read(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int received = Socket.Receive(bytes.AsSpan(at));
            if (received == 0) throw new EndOfStreamException($"closed after {at} of {count} bytes");
            at += received;
        }
        return bytes;
    }

    /// <summary>Waits for the server to close; false if it sends something instead.</summary>
    public bool IsClosedByServer()
    {
        try
        {
            return Socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            return true;
        }
    }

    public void Dispose() => Socket.Dispose();
}
