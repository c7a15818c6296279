using System.Buffers;
using KafkaCompatBroker.Storage.Segments;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// One mapping of a segment file, unmapped when its lease count reaches zero. The address range may reach beyond the end of the file:
/// only what was allocated may be touched, which <see cref="MappedSegmentFile"/> sees to.
/// </summary>
internal sealed unsafe class MappedRegion : MemoryManager<byte>
{
    private readonly byte* _address;
    private readonly string _path;

    public MappedRegion(SafeFileHandle file, int length, bool writable, string path)
    {
        Length = length;
        _path = path;
        _address = NativeFile.Map(file, length, writable, path);
        Lease = new SegmentLease(Unmap);
    }

    public int Length { get; }

    public SegmentLease Lease { get; }

    /// <summary>
    /// Takes the file away from under everything after <paramref name="end"/>, which may be cut off then: a page beyond the end of a file cannot be touched.
    /// Who still reads there sees zeros. Nothing when nobody holds the mapping any more.
    /// </summary>
    public void UnbackIfRead(int end)
    {
        if (!Lease.TryAcquire())
        {
            return;
        }

        using SegmentLease held = Lease;
        long from = Math.Min(Length, (end + Environment.SystemPageSize - 1L) / Environment.SystemPageSize * Environment.SystemPageSize);
        if (from < Length)
        {
            NativeFile.Unback(_address + from, Length - from, _path);
        }
    }

    /// <summary>Forgets which pages of a range were touched; its bytes stay in the page cache and in the file, and are mapped again when somebody looks.</summary>
    public void LetGo(int from, int to) => NativeFile.LetGo(_address + from, to - from, _path);

    public override Span<byte> GetSpan() => new(_address, Length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Length);
        return new MemoryHandle(_address + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Unmap() => NativeFile.Unmap(_address, Length);
}
