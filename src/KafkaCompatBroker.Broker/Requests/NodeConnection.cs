using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// This node as a client of another: connects at the first request, then several may be under way. Any failure breaks the connection for
/// good, and every request that waits fails with it. Any thread.
/// </summary>
internal sealed class NodeConnection(DnsEndPoint address, string clientId) : IDisposable
{
    private const int LengthBytes = 4;
    private const int FrameBytesMax = 256 * 1024 * 1024;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<byte[]>> _waiting = new();
    private NetworkStream? _stream;
    private int _lastCorrelationId;
    private volatile bool _isBroken;

    public DnsEndPoint Address { get; } = address;

    public bool IsBroken => _isBroken;

    /// <summary>Sends a request and gives its answer.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="WireFormatException">The answer cannot be read.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, short version, TimeSpan timeout)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        int correlationId = Interlocked.Increment(ref _lastCorrelationId);
        TaskCompletionSource<byte[]> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[correlationId] = answer;
        try
        {
            using CancellationTokenSource deadline = new(timeout);
            await SendAsync(Encode(request, version, correlationId), deadline.Token).ConfigureAwait(false);
            return Decode<TResponse>(await answer.Task.WaitAsync(deadline.Token).ConfigureAwait(false), TRequest.ApiKey, version);
        }
        catch (OperationCanceledException cause)
        {
            throw new TimeoutException($"{TRequest.ApiKey}: no answer from {Address.Host}:{Address.Port} in {timeout.TotalMilliseconds} ms.", cause);
        }
        catch (Exception cause) when (cause is IOException or SocketException or ObjectDisposedException)
        {
            Break(cause);
            throw new IOException($"{TRequest.ApiKey}: the connection to {Address.Host}:{Address.Port} failed: {cause.Message}", cause);
        }
        finally
        {
            _waiting.TryRemove(correlationId, out _);
        }
    }

    public void Dispose() => Break(new IOException("The connection was closed."));

    private async Task SendAsync(byte[] frame, CancellationToken token)
    {
        await _turn.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (_isBroken) throw new IOException($"The connection to {Address.Host}:{Address.Port} is closed.");
            if (_stream is null)
            {
                await _socket.ConnectAsync(Address, token).ConfigureAwait(false);
                _stream = new NetworkStream(_socket, ownsSocket: false);
                _ = ReceiveAsync(_stream);
            }
            await _stream.WriteAsync(frame, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cause)
        {
            // Half a frame may have left.
            Break(cause);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReceiveAsync(NetworkStream stream)
    {
        try
        {
            byte[] length = new byte[LengthBytes];
            while (true)
            {
                await stream.ReadExactlyAsync(length).ConfigureAwait(false);
                int size = BinaryPrimitives.ReadInt32BigEndian(length);
                if (size is < LengthBytes or > FrameBytesMax) throw new IOException($"{Address.Host}:{Address.Port} sent a frame of {size} bytes.");
                byte[] frame = new byte[size];
                await stream.ReadExactlyAsync(frame).ConfigureAwait(false);
                if (_waiting.TryRemove(BinaryPrimitives.ReadInt32BigEndian(frame), out TaskCompletionSource<byte[]>? waiter)) waiter.TrySetResult(frame);
            }
        }
        catch (Exception cause) when (cause is IOException or ObjectDisposedException)
        {
            Break(cause);
        }
    }

    private void Break(Exception cause)
    {
        _isBroken = true;
        _socket.Dispose();
        foreach ((int id, TaskCompletionSource<byte[]> waiter) in _waiting)
            if (_waiting.TryRemove(id, out _)) waiter.TrySetException(new IOException($"The connection to {Address.Host}:{Address.Port} ended: {cause.Message}", cause));
    }

    private byte[] Encode<TRequest>(TRequest request, short version, int correlationId)
        where TRequest : IRequest<TRequest>
    {
        RequestHeader header = new() { RequestApiKey = (short)TRequest.ApiKey, RequestApiVersion = version, CorrelationId = correlationId, ClientId = clientId };
        using WireBuffer buffer = new();
        buffer.WriteInt32(0);
        header.Write(buffer, ApiTable.RequestHeaderVersion(TRequest.ApiKey, version));
        request.Write(buffer, version);
        buffer.PatchInt32(0, buffer.Length - LengthBytes);
        return buffer.ToArray();
    }

    private static TResponse Decode<TResponse>(byte[] frame, ApiKey api, short version)
        where TResponse : IMessage<TResponse>
    {
        WireReader reader = new(frame);
        ResponseHeader.Read(ref reader, ApiTable.ResponseHeaderVersion(api, version));
        return TResponse.Read(ref reader, version);
    }
}
