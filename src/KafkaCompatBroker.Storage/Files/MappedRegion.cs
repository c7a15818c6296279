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

    public MappedRegion(SafeFileHandle file, int length, bool writable, string path)
    {
        Length = length;
        _address = NativeFile.Map(file, length, writable, path);
        Lease = new SegmentLease(Unmap);
    }

    public int Length { get; }

    public SegmentLease Lease { get; }

    public byte* Address => _address;

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
