using System.Buffers.Binary;
using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Testing;

/// <summary>
/// A wire client without opinions: sends what it is given in the version it is given, and reads answers in order. For tests over real
/// sockets; one thread at a time.
/// </summary>
public sealed class TestClient : IDisposable
{
    private const int LengthBytes = 4;
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(20);

    private readonly TcpClient _socket;
    private readonly NetworkStream _stream;
    private int _correlationId;

    private TestClient(TcpClient socket)
    {
        _socket = socket;
        _stream = socket.GetStream();
    }

    public string ClientId { get; set; } = "test-client";

    public static async Task<TestClient> ConnectAsync(int port, string host = "127.0.0.1")
    {
        TcpClient socket = new() { NoDelay = true };
        await socket.ConnectAsync(host, port);
        return new TestClient(socket);
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        await SendAsync(request, version);
        return await ReceiveAsync<TResponse>(TRequest.ApiKey, version);
    }

    /// <summary>Sends a request without reading. Returns its correlation id.</summary>
    public async Task<int> SendAsync<TRequest>(TRequest request, short version)
        where TRequest : IRequest<TRequest>
    {
        int correlationId = ++_correlationId;
        RequestHeader header = new()
        {
            RequestApiKey = (short)TRequest.ApiKey,
            RequestApiVersion = version,
            CorrelationId = correlationId,
            ClientId = ClientId,
        };
        using WireBuffer buffer = new();
        buffer.WriteInt32(0);
        header.Write(buffer, ApiTable.RequestHeaderVersion(TRequest.ApiKey, version));
        request.Write(buffer, version);
        buffer.PatchInt32(0, buffer.Length - LengthBytes);
        await SendRawAsync(buffer.ToArray());
        return correlationId;
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes);
    }

    /// <summary>Reads the next answer.</summary>
    /// <exception cref="EndOfStreamException">The broker closed the connection.</exception>
    /// <exception cref="TimeoutException">No answer came.</exception>
    public async Task<TResponse> ReceiveAsync<TResponse>(ApiKey api, short version)
        where TResponse : IMessage<TResponse>
    {
        byte[] frame = await ReceiveFrameAsync().WaitAsync(AnswerTimeMax);
        return Decode<TResponse>(frame, api, version);
    }

    /// <summary>Whether the broker closes the connection; false when it sends something instead.</summary>
    public async Task<bool> IsClosedByBrokerAsync()
    {
        byte[] one = new byte[1];
        try
        {
            return await _stream.ReadAsync(one).AsTask().WaitAsync(AnswerTimeMax) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static TResponse Decode<TResponse>(byte[] frame, ApiKey api, short version)
        where TResponse : IMessage<TResponse>
    {
        WireReader reader = new(frame);
        ResponseHeader.Read(ref reader, ApiTable.ResponseHeaderVersion(api, version));
        TResponse response = TResponse.Read(ref reader, version);
        return reader.Remaining == 0 ? response : throw new InvalidDataException($"{reader.Remaining} bytes follow the answer.");
    }

    private async Task<byte[]> ReceiveFrameAsync()
    {
        byte[] length = new byte[LengthBytes];
        await _stream.ReadExactlyAsync(length);
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await _stream.ReadExactlyAsync(frame);
        return frame;
    }
}
