using System.Buffers.Binary;

namespace KafkaCompatBroker.Network.Tests;

public sealed class FrameReaderTests
{
    private const int FrameBytesMax = 100 * 1024 * 1024;

    [Fact]
    public void An_announced_length_allocates_nothing()
    {
        var budget = new MemoryBudget(long.MaxValue);
        var reader = new FrameReader(FrameBytesMax, budget);
        Receive(reader, Prefix(FrameBytesMax));
        Assert.Equal(FrameStatus.Incomplete, reader.TryPeek(out _));
        reader.Park();
        Assert.InRange(budget.UsedBytes, 1, 4096);
    }

    [Fact]
    public void Memory_follows_the_bytes_that_arrive()
    {
        var budget = new MemoryBudget(long.MaxValue);
        var reader = new FrameReader(FrameBytesMax, budget);
        Receive(reader, Prefix(10_000_000));
        for (int arrived = 4; arrived < 10_000_000;)
        {
            Assert.True(reader.TryPrepare(out Span<byte> room));
            int step = Math.Min(5_000, room.Length);
            reader.Commit(step);
            arrived += step;
            Assert.InRange(budget.UsedBytes, 1, Math.Max(128 * 1024, 4L * arrived));
        }
        reader.Release();
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void A_quiet_connection_holds_no_buffer()
    {
        var budget = new MemoryBudget(long.MaxValue);
        var reader = new FrameReader(FrameBytesMax, budget);
        Receive(reader, [.. Prefix(3), 1, 2, 3]);
        Assert.Equal(FrameStatus.Complete, reader.TryPeek(out ReadOnlyMemory<byte> frame));
        reader.Skip(frame.Length);
        reader.Park();
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void A_large_frame_is_read_to_its_end_and_not_into_the_next()
    {
        var reader = new FrameReader(FrameBytesMax, new MemoryBudget(long.MaxValue));
        Receive(reader, Prefix(1_000_000));
        int left = 1_000_000;
        while (left > 64 * 1024)
        {
            Assert.True(reader.TryPrepare(out Span<byte> room));
            Assert.InRange(room.Length, 1, left);
            reader.Commit(room.Length);
            left -= room.Length;
        }
    }

    [Fact]
    public void A_larger_buffer_waits_for_the_budget()
    {
        var budget = new MemoryBudget(256 * 1024);
        var reader = new FrameReader(FrameBytesMax, budget);
        Receive(reader, Prefix(10_000_000));
        int arrived = 4;
        while (reader.TryPrepare(out Span<byte> room))
        {
            reader.Commit(room.Length);
            arrived += room.Length;
            Assert.InRange(arrived, 5, 512 * 1024);
        }
        Assert.InRange(budget.UsedBytes, 1, 512 * 1024);
    }

    private static byte[] Prefix(int length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static void Receive(FrameReader reader, ReadOnlySpan<byte> bytes)
    {
        Assert.True(reader.TryPrepare(out Span<byte> room));
        bytes.CopyTo(room);
        reader.Commit(bytes.Length);
    }
}
