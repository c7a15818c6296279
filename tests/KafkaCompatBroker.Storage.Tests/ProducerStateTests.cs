using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

public class ProducerStateTests
{
    [Fact]
    public void A_resend_of_the_last_five_batches_gets_its_first_offsets()
    {
        using TestLog test = TestLog.Create();
        for (int at = 0; at < 6; at++)
        {
            test.Append(Batches.Produced(7, 0, at * 2, 2));
        }

        for (int at = 1; at < 6; at++)
        {
            AppendOutcome again = test.Append(Batches.Produced(7, 0, at * 2, 2));
            Assert.True(again.IsDuplicate);
            Assert.Equal((at * 2, (at * 2) + 1), (again.BaseOffset, again.LastOffset));
        }

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, test.Append(Batches.Produced(7, 0, 0, 2)).Error);
        Assert.Equal(12, test.Log.LogEndOffset);
    }

    [Fact]
    public void Gaps_in_sequence_are_refused_but_an_unknown_producer_may_start_anywhere()
    {
        using TestLog test = TestLog.Create();
        Assert.Equal(ErrorCode.None, test.Append(Batches.Produced(7, 0, 100)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, test.Append(Batches.Produced(7, 0, 102)).Error);
        Assert.Equal(ErrorCode.None, test.Append(Batches.Produced(7, 0, 101)).Error);
    }

    [Fact]
    public void Older_epochs_are_fenced_and_newer_ones_start_at_zero()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Produced(7, 2, 0));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, test.Append(Batches.Produced(7, 1, 1)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, test.Append(Batches.Produced(7, 3, 1)).Error);
        Assert.Equal(ErrorCode.None, test.Append(Batches.Produced(7, 3, 0)).Error);
    }

    [Fact]
    public void Sequences_wrap_to_zero()
    {
        using TestLog test = TestLog.Create();
        Assert.Equal(ErrorCode.None, test.Append(Batches.Produced(7, 0, int.MaxValue - 1, 2)).Error);
        Assert.Equal(ErrorCode.None, test.Append(Batches.Produced(7, 0, 0, 3)).Error);
        Assert.True(test.Append(Batches.Produced(7, 0, int.MaxValue - 1, 2)).IsDuplicate);
    }

    [Fact]
    public void Wrap_inside_a_batch_is_recognised_on_resend()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Produced(7, 0, int.MaxValue, 3));
        Assert.True(test.Append(Batches.Produced(7, 0, int.MaxValue, 3)).IsDuplicate);
        Assert.Equal(ErrorCode.None, test.Append(Batches.Produced(7, 0, 2)).Error);
    }

    [Fact]
    public void State_survives_a_clean_restart_a_kill_and_a_roll()
    {
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with { SegmentBytes = 500 };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            for (int at = 0; at < 20; at++)
            {
                test.Append(Batches.Produced(7, 1, at));
            }

            using TestDirectory killed = TestDirectory.CrashImageOf(home.Path);
            using TestLog recovered = TestLog.Open(killed.Path, config);
            Assert.True(recovered.Append(Batches.Produced(7, 1, 19)).IsDuplicate);
            Assert.Equal(ErrorCode.None, recovered.Append(Batches.Produced(7, 1, 20)).Error);
            test.Store.Close(clean: true);
        }

        using TestLog reopened = TestLog.Open(home.Path, config);
        Assert.True(reopened.Append(Batches.Produced(7, 1, 19)).IsDuplicate);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, reopened.Append(Batches.Produced(7, 1, 21)).Error);
        Assert.Equal(new ProducerRecord(7, 1, 19, 19, 0, 1_000, -1, -1), Assert.Single(reopened.Log.Producers.Active()));
    }

    [Fact]
    public void An_open_transaction_holds_the_last_stable_offset_until_its_marker_is_replicated()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Of("plain"));
        test.Append(Batches.Produced(7, 0, 0, transactional: true));
        test.Append(Batches.Produced(8, 0, 0, transactional: true));
        test.Log.UpdateHighWatermark(3);
        Assert.Equal(1, test.Log.LastStableOffset);
        Assert.True(test.Log.Producers.HasOngoingTransaction(7));
        Assert.Equal(ErrorCode.InvalidTxnState, test.Append(Batches.Produced(7, 0, 1)).Error);

        test.Append(Batches.Marker(commit: false, 7, 0), origin: AppendOrigin.Coordinator);
        Assert.Equal(1, test.Log.LastStableOffset);
        test.Log.UpdateHighWatermark(4);
        Assert.Equal(2, test.Log.LastStableOffset);
        test.Append(Batches.Marker(commit: true, 8, 0), origin: AppendOrigin.Coordinator);
        test.Log.UpdateHighWatermark(5);
        Assert.Equal(5, test.Log.LastStableOffset);
        Assert.Equal([new AbortedTransaction(7, 1, 3, 2)], test.Log.AbortedTransactions(0, 5));
        Assert.Empty(test.Log.AbortedTransactions(4, 5));
    }

    [Fact]
    public void A_marker_of_an_older_coordinator_or_epoch_is_refused()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Produced(7, 3, 0, transactional: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, test.Append(Batches.Marker(true, 7, 2), origin: AppendOrigin.Coordinator).Error);
        Assert.Equal(ErrorCode.None, test.Append(Batches.Marker(true, 7, 3, coordinatorEpoch: 5), origin: AppendOrigin.Coordinator).Error);
        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, test.Append(Batches.Marker(true, 7, 3, coordinatorEpoch: 4), origin: AppendOrigin.Coordinator).Error);
    }

    [Fact]
    public void Aborted_transactions_survive_restarts_and_truncation_takes_them_back()
    {
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with { SegmentBytes = 400 };
        AbortedTransaction[] expected;
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            for (int at = 0; at < 12; at++)
            {
                test.Append(Batches.Produced(7, (short)at, 0, transactional: true));
                test.Append(Batches.Marker(commit: false, 7, (short)at), origin: AppendOrigin.Coordinator);
            }

            expected = [.. test.Log.AbortedTransactions(0, 24)];
            Assert.Equal(12, expected.Length);
            using TestDirectory killed = TestDirectory.CrashImageOf(home.Path);
            using TestLog recovered = TestLog.Open(killed.Path, config);
            Assert.Equal(expected, recovered.Log.AbortedTransactions(0, 24));
            test.Store.Close(clean: true);
        }

        using TestLog reopened = TestLog.Open(home.Path, config);
        Assert.Equal(expected, reopened.Log.AbortedTransactions(0, 24));
        reopened.Log.TruncateTo(21, TestLog.NowMs);
        Assert.Equal(expected[..10], reopened.Log.AbortedTransactions(0, 24));
        Assert.True(reopened.Log.Producers.HasOngoingTransaction(7));
        Assert.Equal(ErrorCode.None, reopened.Append(Batches.Marker(commit: false, 7, 10), origin: AppendOrigin.Coordinator).Error);
        Assert.Equal(11, reopened.Log.AbortedTransactions(0, 24).Count);
    }

    [Fact]
    public void Silent_producers_expire_but_not_in_a_transaction()
    {
        var states = new ProducerStates();
        states.Apply(new ProducerBatch(1, 0, 0, 0, 0, 0, 1_000, false, null));
        states.Apply(new ProducerBatch(2, 0, 0, 0, 1, 1, 1_000, true, null));
        states.RemoveExpired(nowMs: 1_999, expirationMs: 1_000);
        Assert.Equal(2, states.Count);
        states.RemoveExpired(nowMs: 2_000, expirationMs: 1_000);
        Assert.Equal(2, Assert.Single(states.Producers).ProducerId);
    }

    [Fact]
    public void A_log_looks_for_silent_producers_at_the_interval()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { ProducerExpirationMs = 10_000, ProducerExpirationCheckMs = 60_000 });
        test.Append(Batches.Produced(7, 0, 0, timestampMs: TestLog.NowMs));
        test.Log.Tick(TestLog.NowMs, idleMs: 60_000);
        test.Log.Tick(TestLog.NowMs + 59_999, idleMs: 60_000);
        Assert.Equal(7, Assert.Single(test.Log.Producers.Active()).ProducerId);
        test.Log.Tick(TestLog.NowMs + 60_000, idleMs: 60_000);
        Assert.Empty(test.Log.Producers.Active());
    }

    [Fact]
    public void Aborted_transactions_go_with_their_segment_and_not_before()
    {
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with { SegmentBytes = 200, FileDeleteDelayMs = 0 };
        using TestLog test = TestLog.Open(home.Path, config);
        test.Append(Batches.Produced(7, 0, 0, transactional: true));
        for (int at = 0; at < 5; at++)
        {
            test.Append(Batches.Sized(50));
        }

        test.Append(Batches.Produced(7, 0, 1, transactional: true));
        test.Append(Batches.Marker(commit: false, 7, 0), origin: AppendOrigin.Coordinator);
        test.Append(Batches.Of("behind"));
        test.Log.UpdateHighWatermark(9);
        AbortedTransaction aborted = Assert.Single(test.Log.AbortedTransactions(0, 9));

        // The first record goes with its segment; the other one and its marker stay.
        Assert.True(test.Log.AdvanceLogStartOffset(5));
        Assert.True(test.Log.DeleteOldSegments(TestLog.NowMs) > 0);
        Assert.Equal([aborted], test.Log.AbortedTransactions(5, 9));
        using TestDirectory killed = TestDirectory.CrashImageOf(home.Path);
        using TestLog recovered = TestLog.Open(killed.Path, config);
        AbortedTransaction again = Assert.Single(recovered.Log.AbortedTransactions(5, 9));
        Assert.Equal((7, 7), (again.ProducerId, again.LastOffset));
        Assert.True(again.FirstOffset <= 6);

        Assert.True(test.Log.AdvanceLogStartOffset(9));
        Assert.True(test.Log.DeleteOldSegments(TestLog.NowMs) > 0);
        Assert.Empty(test.Log.AbortedTransactions(9, 10));
    }
}
