using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Records;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class FollowerTruncationTests
{
    [Theory]
    // Both know the epoch: the shorter history of it counts.
    [InlineData(3, 50, 3, 70, 70, 50)]
    [InlineData(3, 50, 3, 40, 60, 40)]
    // The copy does not know it: to the end of its largest older one, and compare again.
    [InlineData(3, 50, 2, 30, 70, 30)]
    // One of them knows no epochs.
    [InlineData(3, 50, -1, -1, 70, 50)]
    [InlineData(-1, 50, 2, 30, 70, 50)]
    // Never beyond the end of the copy.
    [InlineData(3, 90, 3, 70, 70, 70)]
    public void Cut_is_where_the_histories_part(int leaderEpoch, long leaderEnd, int ownEpoch, long ownEnd, long logEnd, long expected) =>
        Assert.Equal(expected, FollowerTruncation.Target(leaderEpoch, leaderEnd, ownEpoch, ownEnd, logEnd));

    [Theory]
    [InlineData(0, 100, 0, 60, 60, false)]
    [InlineData(0, 100, 40, 160, 100, false)]
    [InlineData(0, 100, 140, 160, 140, true)]
    [InlineData(50, 100, 0, 20, 0, true)]
    public void Copy_outside_of_the_leaders_log_is_cut_or_starts_anew(long start, long end, long leaderStart, long leaderEnd, long expected, bool startsAnew)
    {
        Assert.Equal(expected, FollowerTruncation.EndInside(new(start, end, 1), leaderStart, leaderEnd, out bool isNew));
        Assert.Equal(startsAnew, isNew);
    }

    [Fact]
    public void Batches_of_later_epochs_are_not_taken()
    {
        byte[] first = WithEpoch(4);
        byte[] second = WithEpoch(5);

        Assert.Equal(first.Length, FollowerTruncation.UpToEpoch(first.Concat(second).ToArray(), 4).Length);
        Assert.Equal(first.Length + second.Length, FollowerTruncation.UpToEpoch(first.Concat(second).ToArray(), 5).Length);
        Assert.Equal(0, FollowerTruncation.UpToEpoch(second, 4).Length);
        Assert.Equal(10, FollowerTruncation.UpToEpoch(first.AsMemory(0, 10), 4).Length);
    }

    private static byte[] WithEpoch(int epoch)
    {
        RecordBatchBuilder builder = new(new());
        builder.Append(1, null, "a"u8.ToArray());
        byte[] batch = builder.Build();
        RecordBatchEdit.SetPartitionLeaderEpoch(batch, epoch);
        return batch;
    }
}
