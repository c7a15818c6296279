using System.Buffers;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Network;

/// <summary>
/// The one libc call of this project: a gathering send that takes memory-mapped pieces. The portable fall-back, one send a piece,
/// is in <see cref="PlaintextTransport"/>.
/// </summary>
internal static unsafe partial class NativeSocket
{
    public const int PiecesMax = 32;
    private const int DoNotWaitNoSignal = 0x40 | 0x4000;
    private const int InterruptedError = 4;
    private const int TryAgainError = 11;

    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public static TransferStatus Send(SafeHandle socket, ReadOnlySpan<ReadOnlyMemory<byte>> pieces, out int bytes)
    {
        bytes = 0;
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
                nint sent = SendMessage(socket, &message, DoNotWaitNoSignal);
                if (sent >= 0)
                {
                    bytes = (int)sent;
                    return TransferStatus.Done;
                }
                int error = Marshal.GetLastPInvokeError();
                if (error != InterruptedError) return error == TryAgainError ? TransferStatus.WouldBlock : TransferStatus.Closed;
            }
        }
        finally
        {
            for (int i = 0; i < count; i++) pins[i].Dispose();
        }
    }

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
