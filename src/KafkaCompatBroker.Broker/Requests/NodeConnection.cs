using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// This node as a client of another: connects at the first request and asks for the versions that the other side serves (KIP-35), then
/// several requests may be under way. Any failure breaks the connection for good, and every request that waits fails with it. Any thread.
/// </summary>
internal sealed class NodeConnection(DnsEndPoint address, string clientId, int receiveBufferBytes = -1) : IDisposable
{
    private const int LengthBytes = 4;
    private const int CorrelationIdBytes = 4;
    private const int FrameBytesMax = 256 * 1024 * 1024;
    private const short ApiVersionsVersion = 3;
    private const string SoftwareName = "kafka-compat-broker";
    private const string SoftwareVersion = "1";

    // A way that was cut for a while is found again by a new connection at once, by an old one only when its ever rarer attempts come round.
    private const int UnacknowledgedMsMax = 4_000;
    private const int TcpUserTimeoutOption = 18;

    private readonly Socket _socket = NewSocket(receiveBufferBytes);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<int, Waiter> _waiting = new();
    private volatile Dictionary<short, ApiVersionRange>? _versions;
    private NetworkStream? _stream;
    private int _lastCorrelationId;
    private volatile bool _isBroken;

    public DnsEndPoint Address { get; } = address;

    public bool IsBroken => _isBroken;

    /// <summary>The question for the versions and features of the other side, in this software's name.</summary>
    public static ApiVersionsRequest WhatIsServed() => new() { ClientSoftwareName = SoftwareName, ClientSoftwareVersion = SoftwareVersion };

    /// <summary>Sends a request in the newest version that both sides know and gives its answer.</summary>
    /// <exception cref="IOException">The connection failed, or the other side does not serve the API.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="WireFormatException">The answer cannot be read.</exception>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long all of it may take.</param>
    /// <param name="frame">Where the answer's bytes go, good until that is used again; null for memory of their own.</param>
    public Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, TimeSpan timeout, ReusedFrame? frame = null)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse> => CallAsync<TRequest, TResponse>(_ => request, timeout, frame);

    /// <summary>As above, for a request that depends on the version.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(Func<short, TRequest> request, TimeSpan timeout, ReusedFrame? frame = null)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        using CancellationTokenSource deadline = new(timeout);
        try
        {
            short version = await OpenAsync(TRequest.ApiKey, deadline.Token).ConfigureAwait(false);
            return await ExchangeAsync<TRequest, TResponse>(request(version), version, frame, deadline.Token).ConfigureAwait(false);
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
    }

    public void Dispose() => Break(new IOException("The connection was closed."));

    internal static Socket NewSocket(int receiveBufferBytes)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // Before it connects: the window that TCP may offer is settled then.
        if (receiveBufferBytes > 0) socket.ReceiveBufferSize = receiveBufferBytes;
        if (!OperatingSystem.IsLinux()) return socket;
        Span<byte> value = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(value, UnacknowledgedMsMax);
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeoutOption, value);
        return socket;
    }

    /// <summary>Connects when it has not yet, and gives the version in which to use an API.</summary>
    private async Task<short> OpenAsync(ApiKey api, CancellationToken token)
    {
        if (_versions is null)
        {
            await _opening.WaitAsync(token).ConfigureAwait(false);
            try
            {
                _versions ??= await ConnectAsync(token).ConfigureAwait(false);
            }
            finally
            {
                _opening.Release();
            }
        }

        ApiVersionRange own = ApiVersionRange.Stable(api);
        return _versions.TryGetValue((short)api, out ApiVersionRange theirs) && Math.Min(own.Highest, theirs.Highest) is var version && version >= Math.Max(own.Lowest, theirs.Lowest)
            ? version
            : throw new IOException($"{Address.Host}:{Address.Port} does not serve {api} in a version that this node knows.");
    }

    private async Task<Dictionary<short, ApiVersionRange>> ConnectAsync(CancellationToken token)
    {
        if (_isBroken) throw new IOException($"The connection to {Address.Host}:{Address.Port} is closed.");
        await _socket.ConnectAsync(Address, token).ConfigureAwait(false);
        _stream = new NetworkStream(_socket, ownsSocket: false);
        _ = ReceiveAsync(_stream);
        ApiVersionsResponse answer = await ExchangeAsync<ApiVersionsRequest, ApiVersionsResponse>(WhatIsServed(), ApiVersionsVersion, frame: null, token).ConfigureAwait(false);
        if (answer.ErrorCode != ErrorCode.None) throw new IOException($"{Address.Host}:{Address.Port} answers {answer.ErrorCode} to ApiVersions.");
        return answer.ApiKeys.ToDictionary(static api => api.ApiKey, static api => new ApiVersionRange(api.MinVersion, api.MaxVersion));
    }

    private async Task<TResponse> ExchangeAsync<TRequest, TResponse>(TRequest request, short version, ReusedFrame? frame, CancellationToken token)
        where TRequest : IRequest<TRequest>
        where TResponse : IMessage<TResponse>
    {
        int correlationId = Interlocked.Increment(ref _lastCorrelationId);
        Waiter answer = new(frame);
        _waiting[correlationId] = answer;
        try
        {
            await SendAsync(Encode(request, version, correlationId), token).ConfigureAwait(false);
            return Decode<TResponse>(await answer.Task.WaitAsync(token).ConfigureAwait(false), TRequest.ApiKey, version);
        }
        finally
        {
            _waiting.TryRemove(correlationId, out _);
        }
    }

    private async Task SendAsync(byte[] frame, CancellationToken token)
    {
        await _turn.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (_isBroken) throw new IOException($"The connection to {Address.Host}:{Address.Port} is closed.");
            await _stream!.WriteAsync(frame, token).ConfigureAwait(false);
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
            byte[] start = new byte[LengthBytes + CorrelationIdBytes];
            while (true)
            {
                await stream.ReadExactlyAsync(start).ConfigureAwait(false);
                int size = BinaryPrimitives.ReadInt32BigEndian(start);
                if (size is < CorrelationIdBytes or > FrameBytesMax) throw new IOException($"{Address.Host}:{Address.Port} sent a frame of {size} bytes.");
                _ = _waiting.TryRemove(BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(LengthBytes)), out Waiter? waiter);
                Memory<byte> frame = waiter?.Frame?.Room(size) ?? GC.AllocateUninitializedArray<byte>(size);
                start.AsMemory(LengthBytes).CopyTo(frame);
                try
                {
                    await stream.ReadExactlyAsync(frame[CorrelationIdBytes..]).ConfigureAwait(false);
                }
                catch (Exception cause) when (cause is IOException or ObjectDisposedException)
                {
                    waiter?.TrySetException(Ended(cause));
                    throw;
                }

                waiter?.TrySetResult(frame);
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
        foreach ((int id, Waiter waiter) in _waiting)
            if (_waiting.TryRemove(id, out _)) waiter.TrySetException(Ended(cause));
    }

    private IOException Ended(Exception cause) => new($"The connection to {Address.Host}:{Address.Port} ended: {cause.Message}", cause);

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

    private static TResponse Decode<TResponse>(ReadOnlyMemory<byte> frame, ApiKey api, short version)
        where TResponse : IMessage<TResponse>
    {
        WireReader reader = new(frame);
        ResponseHeader.Read(ref reader, ApiTable.ResponseHeaderVersion(api, version));
        return TResponse.Read(ref reader, version);
    }

    private sealed class Waiter(ReusedFrame? frame) : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public ReusedFrame? Frame { get; } = frame;
    }
}
