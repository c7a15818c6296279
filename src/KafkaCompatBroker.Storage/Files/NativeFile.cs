using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// Every libc call of the storage layer. The runtime's own flush swallows fsync errors, so durability goes through here and every result is checked.
/// Success is decided on the return value alone: the first failing call of a process may report a wrong errno (lazy binding), which is used for text only.
/// Elsewhere than on Linux the portable runtime calls are used; they are weaker (a failed flush may go unnoticed) and fit development only.
/// </summary>
internal static unsafe partial class NativeFile
{
    private const int OpenReadOnlyCloseOnExec = 0x80000;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int OpenFilesResource = 7;
    private const int ProtectRead = 1;
    private const int ProtectReadWrite = 3;
    private const int MapShared = 1;
    private const int AdviceNotNeeded = 4;
    private const int MapPrivateFixedAnonymous = 0x02 | 0x10 | 0x20;

    /// <summary>Whether segments can be allocated with real blocks and mapped.</summary>
    public static bool CanMap => OperatingSystem.IsLinux();

    /// <summary>How many descriptors the process may have.</summary>
    public static long OpenFilesMax()
    {
        ResourceLimit limit = default;
        return CanMap && GetLimit(OpenFilesResource, &limit) == 0 ? (long)Math.Min(limit.Current, int.MaxValue) : int.MaxValue;
    }

    /// <summary>Flushes a file's data, and the metadata needed to read it back, to the device.</summary>
    public static void FlushData(SafeFileHandle file, string path)
    {
        if (!CanMap)
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        Check(DataSync(file), "fdatasync", path);
    }

    /// <summary>Makes created, renamed and deleted names in a directory durable.</summary>
    public static void SyncDirectory(string path)
    {
        if (!CanMap)
        {
            return;
        }

        int descriptor = Open(path, OpenReadOnlyCloseOnExec);
        Check(descriptor < 0 ? -1 : 0, "open", path);
        int result = FullSync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0)
        {
            throw Failure("fsync", path, error);
        }
    }

    /// <summary>Opens a directory for <see cref="SyncFileSystem"/>; do it before the writes whose errors it must tell.</summary>
    public static SafeFileHandle? OpenDirectory(string path)
    {
        if (!CanMap)
        {
            return null;
        }

        int descriptor = Open(path, OpenReadOnlyCloseOnExec);
        Check(descriptor < 0 ? -1 : 0, "open", path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Makes everything on the file system of a directory durable; cheaper than flushing thousands of files one by one.</summary>
    public static void SyncFileSystem(SafeFileHandle directory, string path) => Check(FileSystemSync(directory), "syncfs", path);

    /// <summary>
    /// Gives the file real blocks for the range, extending it when needed. A full disk is reported here as
    /// <see cref="DiskFullException"/>, so that no store into the mapping can ever meet it.
    /// </summary>
    public static void Allocate(SafeFileHandle file, long offset, long length, string path)
    {
        int error = PosixAllocate(file, offset, length);
        if (error is NoSpace or QuotaExceeded)
        {
            throw new DiskFullException(path);
        }

        if (error != 0)
        {
            throw Failure("posix_fallocate", path, error);
        }
    }

    /// <summary>Sets the file's length.</summary>
    public static void Resize(SafeFileHandle file, long length, string path)
    {
        if (!CanMap)
        {
            RandomAccess.SetLength(file, length);
            return;
        }

        Check(Truncate(file, length), "ftruncate", path);
    }

    /// <summary>Writes two pieces, one behind the other.</summary>
    /// <exception cref="DiskFullException">There is no room; a part may have been written.</exception>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, long position, string path)
    {
        fixed (byte* first = head, second = rest)
        {
            Piece* pieces = stackalloc Piece[2];
            long length = head.Length + (long)rest.Length;
            for (long done = 0; done < length;)
            {
                long ofHead = Math.Min(done, head.Length);
                pieces[0] = new Piece(first + ofHead, head.Length - ofHead);
                pieces[1] = new Piece(second + (done - ofHead), length - done - pieces[0].Length);
                long count = WritePieces(file, pieces, 2, position + done);
                int error = Marshal.GetLastPInvokeError();
                if (count <= 0)
                {
                    throw error is NoSpace or QuotaExceeded ? new DiskFullException(path) : Failure("pwritev", path, error);
                }

                done += count;
            }
        }
    }

    /// <summary>Unmaps the pages of a range of a mapped file without giving the range up.</summary>
    public static void LetGo(byte* address, long length, string path) => Check(Advise((nint)address, (nuint)length, AdviceNotNeeded), "madvise", path);

    public static byte* Map(SafeFileHandle file, long length, bool writable, string path)
    {
        nint address = MemoryMap(0, (nuint)length, writable ? ProtectReadWrite : ProtectRead, MapShared, file, 0);
        if (address == -1)
        {
            throw Failure("mmap", path, Marshal.GetLastPInvokeError());
        }

        return (byte*)address;
    }

    public static void Unmap(byte* address, long length)
    {
        if (MemoryUnmap((nint)address, (nuint)length) != 0)
        {
            throw Failure("munmap", "a mapping", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Puts memory of zeros, which no file backs, in the place of a part of a mapping; whoever reads there goes on undisturbed.</summary>
    public static void Unback(byte* address, long length, string path)
    {
        if (MemoryMap((nint)address, (nuint)length, ProtectRead, MapPrivateFixedAnonymous, -1, 0) == -1)
        {
            throw Failure("mmap", path, Marshal.GetLastPInvokeError());
        }
    }

    private static void Check(int result, string call, string path)
    {
        if (result != 0)
        {
            throw Failure(call, path, Marshal.GetLastPInvokeError());
        }
    }

    private static IOException Failure(string call, string path, int error)
        => new($"{call} failed on {path}: {Marshal.GetPInvokeErrorMessage(error)} ({error})");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FullSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int FileSystemSync(SafeFileHandle directory);

    [LibraryImport("libc", EntryPoint = "posix_fallocate", SetLastError = true)]
    private static partial int PosixAllocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int noFile, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MemoryUnmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    private static partial nint WritePieces(SafeFileHandle file, Piece* pieces, int count, long position);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ResourceLimit* limit);

    private readonly struct Piece(byte* address, long length)
    {
        public readonly byte* Address = address;
        public readonly nint Length = (nint)length;
    }

    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Most;
    }
}
