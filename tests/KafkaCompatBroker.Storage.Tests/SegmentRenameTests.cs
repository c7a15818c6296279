using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>The cleaner renames segments that others read; their files are closed while they rest, and opened again by name.</summary>
public class SegmentRenameTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reader_that_opens_a_resting_file_while_it_is_renamed_gets_its_bytes(bool isMapped)
    {
        using var directory = new TestDirectory();
        string before = Path.Combine(directory.Path, "00000000000000000000.log");
        string after = before + SegmentName.DeletedSuffix;
        byte[] content = [1, 2, 3, 4, 5];
        await File.WriteAllBytesAsync(before, content);
        using ISegmentFile file = isMapped ? new MappedSegmentFile(before, 1024 * 1024, new OpenSegments(16)) : new PlainSegmentFile(before);
        file.Rest();
        Task<byte[]>? reading = null;
        file.Move(after, () =>
        {
            File.Move(before, after);
            reading = Task.Run(() => Read(file, content.Length));

            // A reader that does not wait for the new name opens the old one now.
            reading.Wait(TimeSpan.FromMilliseconds(100));
        });
        Assert.Equal(content, await reading!);
        Assert.False(File.Exists(before));
    }

    private static byte[] Read(ISegmentFile file, int length)
    {
        Assert.True(file.TryRead(0, length, out ReadOnlyMemory<byte> bytes, out SegmentLease lease));
        using (lease)
        {
            return bytes.ToArray();
        }
    }
}
