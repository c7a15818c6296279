using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>A page that is touched but not there ends the process: what is cut, moved or replaced under readers must stay readable for them.</summary>
public class MappingHazardTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public void A_reader_of_an_older_mapping_survives_truncation_and_sealing()
    {
        using var home = new TestDirectory();
        using var file = new MappedSegmentFile(Path.Combine(home.Path, "a.log"), 64 * Megabyte, new OpenSegments(16));
        Write(file, 0, Megabyte);
        Assert.True(file.TryRead(0, Megabyte, out ReadOnlyMemory<byte> before, out SegmentLease lease));
        Write(file, Megabyte, 40 * Megabyte);
        using (lease)
        {
            file.Truncate(100);
            Assert.Equal(1, before.Span[99]);
            _ = before.ToArray();
            Write(file, 100, 100);
            file.Seal(200);
            _ = before.ToArray();
        }

        Assert.Equal(200, file.FileLength);
        Assert.Equal(200, new FileInfo(file.Path).Length);
    }

    [Fact]
    public void What_is_written_after_a_truncation_under_a_reader_is_what_is_read()
    {
        using var home = new TestDirectory();
        using var file = new MappedSegmentFile(Path.Combine(home.Path, "a.log"), 64 * Megabyte, new OpenSegments(16));
        Write(file, 0, 3 * Megabyte);
        Assert.True(file.TryRead(0, 3 * Megabyte, out ReadOnlyMemory<byte> before, out SegmentLease lease));
        using (lease)
        {
            file.Truncate(Megabyte + 5);
            Write(file, Megabyte + 5, Megabyte, value: 2);
            Assert.True(file.TryRead(0, (2 * Megabyte) + 5, out ReadOnlyMemory<byte> after, out SegmentLease second));
            using (second)
            {
                Assert.Equal(1, after.Span[Megabyte + 4]);
                Assert.False(after.Span[(Megabyte + 5)..].ContainsAnyExcept((byte)2));
            }

            Assert.Equal(1, before.Span[Megabyte + 4]);
        }
    }

    [Fact]
    public void Small_and_large_writes_are_read_in_their_order_whoever_read_before()
    {
        using var home = new TestDirectory();
        using var file = new MappedSegmentFile(Path.Combine(home.Path, "a.log"), 64 * Megabyte, new OpenSegments(16));
        int[] lengths = [100, 8 * 1024, 61, 300_000, 5_000];
        var expected = new List<byte>();
        for (int index = 0; expected.Count < 20 * Megabyte; index++)
        {
            int position = expected.Count;
            byte value = (byte)(index % 251);
            byte[] head = [.. Enumerable.Repeat((byte)(value + 1), 61)];
            byte[] rest = [.. Enumerable.Repeat(value, lengths[index % lengths.Length])];
            file.Write(position, head, rest);
            expected.AddRange(head);
            expected.AddRange(rest);
            Assert.True(file.TryRead(position, 62, out ReadOnlyMemory<byte> start, out SegmentLease looked));
            using (looked) Assert.Equal([.. head, value], start.ToArray());
        }

        Assert.True(file.TryRead(0, expected.Count, out ReadOnlyMemory<byte> all, out SegmentLease lease));
        using (lease) Assert.True(all.Span.SequenceEqual(expected.ToArray()));
        file.Flush();
        Assert.Equal(expected, File.ReadAllBytes(file.Path).Take(expected.Count));
    }

    [Fact]
    public void A_segment_that_is_renamed_while_it_rests_is_read_under_its_new_name()
    {
        using var home = new TestDirectory();
        var disk = new FaultyFileStore(home.Path);
        using var segment = new Segment(disk, home.Path, baseOffset: 0, TestLog.Config(), TestLog.NowMs, jitterMs: 0);
        segment.StartEmpty();
        byte[] batch = Batches.Of("value");
        segment.Append(batch);
        segment.RestIfIdle(TestLog.NowMs, idleMs: 0, isActive: false);
        byte[] read = [];
        var reader = new Thread(() =>
        {
            Assert.True(segment.TryWindow(0, batch.Length, out ReadOnlyMemory<byte> bytes, out SegmentLease lease));
            using (lease)
            {
                read = bytes.ToArray();
            }
        });
        disk.AfterRename = _ =>
        {
            // Long enough for a reader that nothing holds up, which would open the old name.
            reader.Start();
            reader.Join(200);
        };
        segment.MarkDeleted();
        reader.Join();
        Assert.Equal(batch, read);
        Assert.Equal([SegmentName.Of(0, SegmentName.LogSuffix) + SegmentName.DeletedSuffix], Directory.GetFiles(home.Path).Select(Path.GetFileName));
    }

    private static void Write(MappedSegmentFile file, int position, int length, byte value = 1)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        file.Write(position, [], bytes);
    }
}
