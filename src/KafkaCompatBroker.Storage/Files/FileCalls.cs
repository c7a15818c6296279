using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>Opening and reading of segment files, as both kinds of them do it.</summary>
internal static class FileCalls
{
    public static SafeFileHandle Open(string path, FileMode mode)
        => File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Reads until the destination is full or the file ends; returns how many bytes.</summary>
    public static int ReadFully(SafeFileHandle file, int position, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            int count = RandomAccess.Read(file, destination[done..], position + done);
            if (count == 0)
            {
                break;
            }

            done += count;
        }

        return done;
    }
}
