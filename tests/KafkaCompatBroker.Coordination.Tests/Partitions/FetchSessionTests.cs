using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class FetchSessionTests
{
    private static readonly FetchedPartitionAnswer Nothing = new(false, false, 0, 10, 0);

    [Fact]
    public void Epochs_count_up_and_wrap_to_one()
    {
        FetchSession session = Open(Named("t", 0));

        Assert.Equal(ErrorCode.None, session.Check(1, usesTopicIds: false));
        session.Advance();

        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, session.Check(1, usesTopicIds: false));
        Assert.Equal(ErrorCode.None, session.Check(2, usesTopicIds: false));
    }

    [Fact]
    public void Switching_between_names_and_ids_is_refused()
    {
        FetchSession session = Open(Named("t", 0));

        Assert.Equal(ErrorCode.FetchSessionTopicIdError, session.Check(1, usesTopicIds: true));
    }

    [Fact]
    public void Wrong_epoch_is_found_before_a_wrong_kind_of_topic_name()
    {
        FetchSession session = Open(Named("t", 0));

        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, session.Check(9, usesTopicIds: true));
    }

    [Fact]
    public void Asking_again_keeps_the_place_and_takes_the_new_offset()
    {
        FetchSession session = Open(Named("t", 0), Named("t", 1));

        session.Ask(Named("t", 0, offset: 7));

        Assert.Equal([0, 1], session.Partitions().Select(partition => partition.Key.Partition));
        Assert.Equal(7, session.Partitions()[0].FetchOffset);
    }

    [Fact]
    public void Forgotten_partition_is_gone_and_may_come_back()
    {
        FetchSession session = Open(Named("t", 0), Named("t", 1));

        session.Forget(new(Uuid.Zero, "t", 0));
        Assert.Equal([1], session.Partitions().Select(partition => partition.Key.Partition));
        session.Ask(Named("t", 0));

        Assert.Equal([1, 0], session.Partitions().Select(partition => partition.Key.Partition));
    }

    [Fact]
    public void Partition_that_gave_records_is_read_last_next_time()
    {
        FetchSession session = Open(Named("t", 0), Named("t", 1), Named("t", 2));

        session.ReadLater(session.Partitions()[0]);

        Assert.Equal([1, 2, 0], session.Partitions().Select(partition => partition.Key.Partition));
    }

    [Fact]
    public void Unchanged_partition_has_no_news()
    {
        FetchedPartition partition = Named("t", 0);
        Assert.True(partition.HasNews(Nothing));

        partition.Answered(Nothing);

        Assert.False(partition.HasNews(Nothing));
        Assert.True(partition.HasNews(Nothing with { HighWatermark = 11 }));
        Assert.True(partition.HasNews(Nothing with { LogStartOffset = 1 }));
        Assert.True(partition.HasNews(Nothing with { RecordsSizeBytes = 1 }));
        Assert.True(partition.HasNews(Nothing with { IsDiverging = true }));
    }

    [Fact]
    public void Error_is_told_again_and_so_is_recovery_from_it()
    {
        FetchedPartition partition = Named("t", 0);
        FetchedPartitionAnswer error = new(true, false, 0, 10, 0);
        partition.Answered(error);

        Assert.True(partition.HasNews(error));
        Assert.True(partition.HasNews(Nothing));
    }

    [Fact]
    public void Partitions_by_id_and_by_name_are_different()
    {
        FetchSession session = Open(Named("t", 0));

        session.Ask(new FetchedPartition(new(Uuid.One, "", 0)));

        Assert.Equal(2, session.Count);
    }

    private static FetchedPartition Named(string topic, int partition, long offset = 0) =>
        new(new(Uuid.Zero, topic, partition)) { FetchOffset = offset };

    private static FetchSession Open(params FetchedPartition[] partitions) =>
        new FetchSessionCache(10, 1000).TryOpen(1, partitions, isPrivileged: false, usesTopicIds: false, 0)!;
}
