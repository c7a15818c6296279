using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// The bytes of one segment. Writes, truncation and sealing come from one thread at a time (the log's lock); reads are concurrent and ask only for
/// bytes that were published after <see cref="Write"/>.
/// </summary>
public interface ISegmentFile : IDisposable
{
    string Path { get; }

    /// <summary>Whether <see cref="TryRead"/> costs nothing for bytes that are not looked at.</summary>
    bool IsZeroCopy { get; }

    /// <summary>Writes <paramref name="head"/>, and <paramref name="rest"/> behind it.</summary>
    /// <exception cref="DiskFullException">There is no room; what was before <paramref name="position"/> is as it was.</exception>
    void Write(int position, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest);

    /// <summary>Bytes that stay valid until the lease is disposed; false when the file is gone.</summary>
    bool TryRead(int position, int length, out ReadOnlyMemory<byte> bytes, out SegmentLease lease);

    /// <summary>Copies bytes out without mapping (scans of cold files); returns fewer at the end of the file.</summary>
    int ReadInto(int position, Span<byte> destination);

    /// <summary>Current length of the file, allocated tail included.</summary>
    int FileLength { get; }

    /// <summary>Makes everything written so far durable.</summary>
    void Flush();

    /// <summary>Forgets everything from <paramref name="length"/> on. Readers keep what they hold mapped; beyond it the contents are undefined.</summary>
    void Truncate(int length);

    /// <summary>No more writes: gives the allocated tail back to the file system.</summary>
    void Seal(int length);

    /// <summary>Allocates ahead of the next writes. Called on the background lane; quiet when there is no room.</summary>
    void PrepareAhead();

    /// <summary>Whether <see cref="PrepareAhead"/> is due for a write position.</summary>
    bool WantsPreparation(int position);

    /// <summary>Drops mapping and descriptor while nobody needs them; they come back on the next use.</summary>
    void Rest();

    /// <summary>Has the file renamed while nobody can open it by its old name.</summary>
    void Move(string path, Action rename);
}
