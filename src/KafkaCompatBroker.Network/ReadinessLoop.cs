using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Network;

/// <summary>
/// A thread that waits until sockets are ready and tells their transports, which do all work of a request there and then. One that rests between
/// two looks finds what has come meanwhile together: a wake-up and cold caches cost more than a small request.
/// </summary>
internal sealed class ReadinessLoop
{
    private const int EventsAtOnce = 256;
    private const long BellToken = -1;

    private readonly SafeFileHandle _epoll = NativeEpoll.Open();
    private readonly SafeFileHandle _bell = NativeEpoll.OpenBell();
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = [];
    private readonly int _restMs;
    private EpollTransport?[] _transports = new EpollTransport?[16];
    private uint _generation;
    private volatile bool _isStopped;

    /// <param name="name">Name of the thread.</param>
    /// <param name="restMs">How long it rests after each look, in milliseconds; 0 when somebody waits for every answer.</param>
    public ReadinessLoop(string name, int restMs)
    {
        _restMs = restMs;
        for (int slot = _transports.Length; slot-- > 0;) _free.Push(slot);
        NativeEpoll.TryAdd(_epoll, _bell, BellToken);
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Watches a transport's socket. False: the socket is closed, this loop has stopped, or the kernel has no room.</summary>
    public bool TryAdd(EpollTransport transport, SafeHandle socket)
    {
        long token;
        lock (_gate)
        {
            int slot = TakeSlot();
            // An event of whoever had the slot before may still be under way.
            token = ((long)(_generation++ & int.MaxValue) << 32) | (uint)slot;
            transport.Token = token;
            _transports[slot] = transport;
        }
        if (NativeEpoll.TryAdd(_epoll, socket, token)) return true;
        Forget(token);
        return false;
    }

    /// <summary>Watches no more; the socket stays open.</summary>
    public void Remove(long token, SafeHandle socket)
    {
        NativeEpoll.Remove(_epoll, socket);
        Forget(token);
    }

    /// <summary>The socket is closed.</summary>
    public void Forget(long token)
    {
        int slot = (int)(uint)token;
        lock (_gate)
        {
            _transports[slot] = null;
            _free.Push(slot);
        }
    }

    /// <summary>Ends the thread, after what it is doing.</summary>
    public void Stop()
    {
        _isStopped = true;
        NativeEpoll.Ring(_bell);
    }

    private int TakeSlot()
    {
        if (_free.TryPop(out int slot)) return slot;
        int count = _transports.Length;
        EpollTransport?[] larger = new EpollTransport?[count * 2];
        _transports.CopyTo(larger, 0);
        Volatile.Write(ref _transports, larger);
        for (slot = larger.Length; slot-- > count + 1;) _free.Push(slot);
        return count;
    }

    private void Run()
    {
        byte[] events = new byte[EventsAtOnce * NativeEpoll.EventBytes];
        while (!_isStopped)
        {
            int count = NativeEpoll.Wait(_epoll, events);
            for (int index = 0; index < count; index++)
            {
                (uint mask, long token) = NativeEpoll.Event(events, index);
                if (token != BellToken) Tell(mask, token);
            }

            if (_restMs > 0) Thread.Sleep(_restMs);
        }

        _epoll.Dispose();
        _bell.Dispose();
    }

    private void Tell(uint mask, long token)
    {
        EpollTransport? transport = Volatile.Read(ref _transports)[(int)(uint)token];
        if (transport is not null && transport.Token == token) transport.OnEvent(mask);
    }
}
