using System.Buffers;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Network;

/// <summary>
/// Calls of libc on sockets, none of which waits: a gathering send takes memory-mapped pieces, and all of them cost less than the ways through
/// <see cref="System.Net.Sockets.Socket"/>. The portable fall-back is <see cref="PlaintextTransport"/>.
/// </summary>
internal static unsafe partial class NativeSocket
{
    public const int PiecesMax = 32;
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int InterruptedError = 4;
    private const int TryAgainError = 11;

    public static TransferStatus Receive(SafeHandle socket, Span<byte> destination, out int bytes)
    {
        fixed (byte* start = destination)
        {
            while (true)
            {
                nint received = ReceiveBytes(socket, start, (nuint)destination.Length, DoNotWait);
                if (StatusOf(received, out bytes) is { } status) return status == TransferStatus.Done && bytes == 0 ? TransferStatus.Closed : status;
            }
        }
    }

    public static TransferStatus Send(SafeHandle socket, ReadOnlySpan<byte> piece, out int bytes)
    {
        fixed (byte* start = piece)
        {
            while (true)
            {
                nint sent = SendBytes(socket, start, (nuint)piece.Length, DoNotWait | NoSignal);
                if (StatusOf(sent, out bytes) is { } status) return status;
            }
        }
    }

    public static TransferStatus Send(SafeHandle socket, ReadOnlySpan<ReadOnlyMemory<byte>> pieces, out int bytes)
    {
        int count = Math.Min(pieces.Length, PiecesMax);
        IoVector* vectors = stackalloc IoVector[PiecesMax];
        var pinned = new PinnedPieces();
        Span<MemoryHandle> pins = pinned;
        try
        {
            for (int i = 0; i < count; i++)
            {
                pins[i] = pieces[i].Pin();
                vectors[i] = new IoVector { Base = pins[i].Pointer, Length = (nuint)pieces[i].Length };
            }
            var message = new MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
            while (true)
            {
                nint sent = SendMessage(socket, &message, DoNotWait | NoSignal);
                if (StatusOf(sent, out bytes) is { } status) return status;
            }
        }
        finally
        {
            for (int i = 0; i < count; i++) pins[i].Dispose();
        }
    }

    /// <summary>Null when a signal came between and the call has to be made again.</summary>
    private static TransferStatus? StatusOf(nint result, out int bytes)
    {
        bytes = (int)Math.Max(result, 0);
        if (result >= 0) return TransferStatus.Done;
        return Marshal.GetLastPInvokeError() switch
        {
            InterruptedError => null,
            TryAgainError => TransferStatus.WouldBlock,
            _ => TransferStatus.Closed,
        };
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveBytes(SafeHandle socket, byte* destination, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendBytes(SafeHandle socket, byte* source, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);

    [System.Runtime.CompilerServices.InlineArray(PiecesMax)]
    private struct PinnedPieces
    {
        private MemoryHandle _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
