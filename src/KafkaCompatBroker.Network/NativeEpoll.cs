using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Network;

/// <summary>The calls of Linux that tell which of many sockets are ready. Sockets are watched for edges: each arrival is told once.</summary>
internal static unsafe partial class NativeEpoll
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;

    /// <summary>After the bytes that have arrived comes the end.</summary>
    public const uint PeerStoppedSending = 0x2000;

    /// <summary>Failed or hung up: whoever waits, to read or to write, has to look.</summary>
    public const uint Over = 0x8 | 0x10;

    private const uint EdgeTriggered = 1u << 31;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int OperationAdd = 1;
    private const int OperationDelete = 2;
    private const int InterruptedError = 4;

    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Bytes of one event: the kernel packs it on x64 only.</summary>
    public static int EventBytes { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static int TokenAt => EventBytes - sizeof(long);

    public static SafeFileHandle Open() => Owned(Create(CloseOnExec), "epoll_create1");

    /// <summary>Something that becomes readable when <see cref="Ring"/> is called.</summary>
    public static SafeFileHandle OpenBell() => Owned(CreateBell(0, CloseOnExec | NonBlocking), "eventfd");

    public static void Ring(SafeFileHandle bell)
    {
        ulong one = 1;
        // Fails only when it has been rung very often and nobody came: then it is readable all the same.
        _ = Write(bell, &one, sizeof(ulong));
    }

    /// <summary>Watches a socket, which is told of at once when it is ready already. False: the socket or the watching is closed.</summary>
    public static bool TryAdd(SafeHandle epoll, SafeHandle socket, long token)
    {
        byte* description = stackalloc byte[16];
        WriteMask(description, Readable | Writable | PeerStoppedSending | EdgeTriggered);
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(description + TokenAt, sizeof(long)), token);
        return TryControl(epoll, OperationAdd, socket, description);
    }

    /// <summary>Stops watching. A socket that is closed is not watched any more either.</summary>
    public static void Remove(SafeHandle epoll, SafeHandle socket)
    {
        byte* description = stackalloc byte[16];
        TryControl(epoll, OperationDelete, socket, description);
    }

    /// <summary>Waits until there are events.</summary>
    /// <param name="epoll">What watches.</param>
    /// <param name="events">Room for events of <see cref="EventBytes"/> each.</param>
    /// <returns>Their number.</returns>
    public static int Wait(SafeHandle epoll, Span<byte> events)
    {
        fixed (byte* start = events)
        {
            int count = Wait(epoll, start, events.Length / EventBytes, -1);
            if (count >= 0) return count;
            int error = Marshal.GetLastPInvokeError();
            return error == InterruptedError ? 0 : throw new Win32Exception(error, "epoll_wait failed");
        }
    }

    public static (uint Mask, long Token) Event(ReadOnlySpan<byte> events, int index)
    {
        ReadOnlySpan<byte> one = events.Slice(index * EventBytes, EventBytes);
        return (BinaryPrimitives.ReadUInt32LittleEndian(one), BinaryPrimitives.ReadInt64LittleEndian(one[TokenAt..]));
    }

    private static bool TryControl(SafeHandle epoll, int operation, SafeHandle socket, byte* description)
    {
        try
        {
            return Control(epoll, operation, socket, description) == 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private static void WriteMask(byte* description, uint mask) => BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(description, sizeof(uint)), mask);

    private static SafeFileHandle Owned(int descriptor, string call) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int CreateBell(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(SafeHandle epoll, int operation, SafeHandle socket, byte* description);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(SafeHandle epoll, byte* events, int count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle bell, void* bytes, nuint length);
}
