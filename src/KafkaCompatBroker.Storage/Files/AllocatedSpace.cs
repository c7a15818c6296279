using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// How far a segment file has blocks. They come in growing steps ahead of the write position, so that an idle partition costs little and a busy one few
/// calls. Changed under the file's lock, read by anybody.
/// </summary>
internal sealed class AllocatedSpace(int length, int capacity)
{
    private const int FirstStep = 16 * 1024;
    private const int LargestStep = 16 * 1024 * 1024;
    private const int PreparedStepMin = 1024 * 1024;

    private int _length = length;

    /// <summary>Length of the file, in bytes.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>Whether so little is left behind a write position that more should be there before it is needed.</summary>
    public bool IsScarce(int position)
    {
        int length = Length;
        return length >= PreparedStepMin && length < capacity && length - position < Math.Min(length, LargestStep) / 2;
    }

    /// <summary>Makes the file at least <paramref name="end"/> bytes long.</summary>
    /// <exception cref="DiskFullException">There is no room; nothing has changed.</exception>
    public void Extend(SafeFileHandle file, int end, string path)
    {
        long step = Math.Clamp(_length, FirstStep, LargestStep);
        long target = Math.Max(end, Math.Min(_length + step, capacity));
        if (!TryExtend(file, target, path) && (target == end || !TryExtend(file, end, path)))
        {
            throw new DiskFullException(path);
        }
    }

    /// <summary>Cuts the file.</summary>
    public void Cut(SafeFileHandle file, int length, string path)
    {
        NativeFile.Resize(file, length, path);
        Volatile.Write(ref _length, length);
    }

    private bool TryExtend(SafeFileHandle file, long target, string path)
    {
        try
        {
            NativeFile.Allocate(file, _length, target - _length, path);
            Volatile.Write(ref _length, (int)target);
            return true;
        }
        catch (DiskFullException)
        {
            // What the file system gave before it ran out goes back.
            NativeFile.Resize(file, _length, path);
            return false;
        }
    }
}
