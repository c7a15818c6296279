using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Simulation.Transactions;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Transactions;

public sealed class TransactionShardTests
{
    private static readonly TopicPartition First = new("orders", 0);
    private static readonly TopicPartition Second = new("orders", 1);

    [Fact]
    public void A_new_id_gets_a_producer_id_at_epoch_zero_and_the_next_producer_the_next_epoch()
    {
        ShardRun run = new();

        ProducerAnswer first = run.Init("x").Response!;
        ProducerAnswer second = run.Init("x").Response!;

        Assert.Equal((first.ProducerId, (short)0), (first.ProducerId, first.ProducerEpoch));
        Assert.Equal((first.ProducerId, (short)1), (second.ProducerId, second.ProducerEpoch));
    }

    [Theory]
    [InlineData("", 60_000, ErrorCode.InvalidRequest)]
    [InlineData("x", 0, ErrorCode.InvalidTransactionTimeout)]
    [InlineData("x", 900_001, ErrorCode.InvalidTransactionTimeout)]
    [InlineData("x", 900_000, ErrorCode.None)]
    public void Init_checks_the_id_and_the_timeout(string id, int timeoutMs, ErrorCode expected) =>
        Assert.Equal(expected, new ShardRun().Init(id, timeoutMs: timeoutMs).Response!.Error);

    [Fact]
    public void A_producer_that_names_its_epoch_is_bumped_repeated_or_fenced()
    {
        ShardRun run = new();
        ProducerAnswer first = run.Init("x").Response!;

        Assert.Equal(1, run.Init("x", first.ProducerId, 0).Response!.ProducerEpoch);
        Assert.Equal(1, run.Init("x", first.ProducerId, 0).Response!.ProducerEpoch);
        Assert.Equal(ErrorCode.ProducerFenced, run.Init("x", first.ProducerId, 7).Response!.Error);
        Assert.Equal(ErrorCode.ProducerFenced, run.Init("x", 123_456, 0).Response!.Error);
        Assert.Equal(0, run.Init("new", 123_456, 0).Response!.ProducerEpoch);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public void A_transaction_goes_from_open_through_prepared_to_complete(bool isCommit, short version)
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", version, First, Second);

        ProducerAnswer ended = run.End(claim, isCommit, version == 2).Response!;

        WriteMarkers markers = Assert.Single(run.Markers);
        Assert.Equal(isCommit, markers.IsCommit);
        Assert.Equal([First, Second], markers.Partitions);
        Assert.Equal(version == 2 ? 1 : 0, markers.Producer.ProducerEpoch);
        Assert.Equal(markers.Producer.ProducerEpoch, ended.ProducerEpoch);
        Assert.True(run.State("x").IsPrepared);
        run.CompleteMarkers();
        Assert.Equal(isCommit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort, run.State("x").Status);
        Assert.Empty(run.State("x").Partitions);
    }

    [Fact]
    public void Init_aborts_an_open_transaction_waits_for_its_markers_and_fences_its_producer()
    {
        ShardRun run = new();
        ProducerClaim old = Begin(run, "x", 0, First);

        TestReply<ProducerAnswer> init = run.Init("x");
        Assert.Null(init.Response);
        Assert.False(Assert.Single(run.Markers).IsCommit);
        run.CompleteMarkers();

        Assert.Equal(2, init.Response!.ProducerEpoch);
        Assert.Equal(ErrorCode.ProducerFenced, run.End(old, true, false).Response!.Error);
        Assert.Equal(ErrorCode.ProducerFenced, run.Add(old, 0, First).Response!.Error);
        Assert.Equal(ErrorCode.ProducerFenced, run.Verify(old, First).Response!.Error);
    }

    [Fact]
    public void Who_waits_too_long_for_markers_is_told_to_come_again()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 0, First);
        run.End(claim, true, false);

        TestReply<ProducerAnswer> add = run.Add(claim, 0, Second);
        TestReply<ProducerAnswer> init = run.Init("x");
        TestReply<ProducerAnswer> end = run.End(claim, true, false);
        TestReply<VerificationAnswer> verify = run.Verify(claim, First);
        run.Advance(run.Settings.ConcurrentWaitMs);

        Assert.All([add.Response!.Error, init.Response!.Error, end.Response!.Error, verify.Response!.Error], error => Assert.Equal(ErrorCode.ConcurrentTransactions, error));
    }

    [Fact]
    public void Those_who_waited_go_on_in_their_order_each_seeing_what_the_one_before_did()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 0, First);
        run.End(claim, true, false);

        TestReply<ProducerAnswer> first = run.Init("x");
        TestReply<ProducerAnswer> second = run.Init("x");
        run.CompleteMarkers();

        Assert.Equal(1, first.Response!.ProducerEpoch);
        Assert.Equal(2, second.Response!.ProducerEpoch);
    }

    [Fact]
    public void A_transaction_out_of_time_is_aborted_and_its_producer_fenced()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 2, First);

        run.Advance(59_999);
        Assert.Equal(TransactionStatus.Ongoing, run.State("x").Status);
        run.Advance(1);

        Assert.False(Assert.Single(run.Markers).IsCommit);
        Assert.Equal(1, run.State("x").ProducerEpoch);
        run.CompleteMarkers();
        Assert.Equal(ErrorCode.InvalidTxnState, run.End(claim, true, true).Response!.Error);
        Assert.Equal(ErrorCode.ProducerFenced, run.Add(claim, 2, First).Response!.Error);
    }

    [Fact]
    public void A_timeout_survives_a_reload_and_an_append_that_fails()
    {
        ShardRun run = new();
        _ = Begin(run, "x", 2, First);
        run.Advance(30_000);
        run.Reload();

        run.FailsToAppend = true;
        run.Advance(30_000);
        Assert.Equal(TransactionStatus.Ongoing, run.State("x").Status);
        run.FailsToAppend = false;
        run.Advance(1_000);

        Assert.Equal(TransactionStatus.PrepareAbort, run.State("x").Status);
    }

    [Fact]
    public void A_transaction_that_ran_out_while_nobody_coordinated_it_is_left_a_little_time()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 2, First);
        run.NowMs += 600_000;
        run.Reload();

        run.Advance(run.Settings.AbortIntervalMs - 1);

        Assert.Equal(ErrorCode.None, run.End(claim, true, true).Response!.Error);
    }

    [Fact]
    public void Two_phase_commit_needs_its_property_and_then_never_runs_out_of_time()
    {
        ShardRun run = new(new TransactionSettings { MaxTimeoutMs = 10_000 });
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, run.InitTwoPhase("x").Response!.Error);
        run.Settings = run.Settings with { AllowsTwoPhaseCommit = true };
        Assert.Equal(ErrorCode.UnsupportedVersion, run.InitTwoPhase("x", keepsPrepared: true).Response!.Error);

        ProducerAnswer init = run.InitTwoPhase("x").Response!;
        ProducerClaim claim = new("x", init.ProducerId, init.ProducerEpoch);
        run.Add(claim, 2, First);
        run.Advance(100_000_000);
        run.Reload();
        run.Advance(100_000_000);

        Assert.Equal((TransactionStatus.Ongoing, int.MaxValue), (run.State("x").Status, run.State("x").TimeoutMs));
        Assert.Equal(ErrorCode.None, run.End(claim, true, true).Response!.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reload_resumes_a_prepared_transaction_with_the_new_coordinator_epoch(bool isCommit)
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 2, First);
        run.End(claim, isCommit, true);

        run.Reload();

        WriteMarkers markers = Assert.Single(run.Markers);
        Assert.Equal((isCommit, 1, (short)1), (markers.IsCommit, markers.CoordinatorEpoch, markers.Producer.ProducerEpoch));
        run.CompleteMarkers();
        Assert.Equal(1, run.End(claim, isCommit, true).Response!.ProducerEpoch);
    }

    [Fact]
    public void An_end_with_the_former_epoch_is_a_retry_and_with_the_new_one_the_next_transaction()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 2, First);
        run.End(claim, true, true);
        run.CompleteMarkers();

        Assert.Equal((ErrorCode.None, (short)1), Result(run.End(claim, true, true)));
        Assert.Equal(ErrorCode.InvalidTxnState, run.End(claim, false, true).Response!.Error);
        ProducerClaim next = claim with { ProducerEpoch = 1 };
        Assert.Equal((ErrorCode.None, (short)2), Result(run.End(next, false, true)));
        Assert.Equal(ErrorCode.InvalidTxnState, run.End(next, true, true).Response!.Error);
        Assert.Equal(ErrorCode.InvalidTxnState, run.End(next with { ProducerEpoch = 2 }, true, true).Response!.Error);
    }

    [Fact]
    public void A_delayed_end_of_the_former_transaction_does_not_touch_the_next_one()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 2, First);
        run.End(claim, true, true);
        run.CompleteMarkers();
        run.Add(claim with { ProducerEpoch = 1 }, 2, First);

        Assert.Equal(ErrorCode.ProducerFenced, run.End(claim, true, true).Response!.Error);
        Assert.Equal(TransactionStatus.Ongoing, run.State("x").Status);
    }

    [Fact]
    public void Without_epoch_bumps_an_end_is_repeated_by_the_same_epoch()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 0, First);
        Assert.Equal(ErrorCode.InvalidTxnState, run.End(claim with { TransactionalId = Begin(run, "y", 0).TransactionalId, ProducerId = run.State("y").ProducerId }, true, true).Response!.Error);
        run.End(claim, true, false);
        run.CompleteMarkers();

        Assert.Equal(ErrorCode.None, run.End(claim, true, false).Response!.Error);
        Assert.Equal(ErrorCode.InvalidTxnState, run.End(claim, false, false).Response!.Error);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, run.End(claim with { ProducerId = 99 }, true, false).Response!.Error);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, run.End(claim with { TransactionalId = "nobody" }, true, false).Response!.Error);
    }

    [Fact]
    public void An_exhausted_epoch_leads_to_a_new_producer_id_when_the_transaction_ends()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 2);
        while (claim.ProducerEpoch < ProducerFencing.LastUsableEpoch)
            claim = claim with { ProducerEpoch = run.End(claim, false, true).Response!.ProducerEpoch };
        run.Add(claim, 2, First);

        ProducerAnswer ended = run.End(claim, true, true).Response!;
        Assert.Equal(short.MaxValue, Assert.Single(run.Markers).Producer.ProducerEpoch);
        Assert.NotEqual(claim.ProducerId, ended.ProducerId);
        Assert.Equal(0, ended.ProducerEpoch);
        run.Reload();
        run.CompleteMarkers();

        Assert.Equal(ended.ProducerId, run.State("x").ProducerId);
        Assert.Equal((ErrorCode.None, (short)0), Result(run.End(claim, true, true)));
        Assert.Equal(ErrorCode.None, run.Add(new ProducerClaim("x", ended.ProducerId, 0), 2, First).Response!.Error);
    }

    [Fact]
    public void An_exhausted_epoch_leads_to_a_new_producer_id_at_init()
    {
        ShardRun run = new();
        long producerId = run.Init("x").Response!.ProducerId;
        for (short epoch = 0; epoch < ProducerFencing.LastUsableEpoch; epoch++)
            run.Init("x");

        ProducerAnswer rotated = run.Init("x", producerId, ProducerFencing.LastUsableEpoch).Response!;
        ProducerAnswer repeated = run.Init("x", producerId, ProducerFencing.LastUsableEpoch).Response!;

        Assert.NotEqual(producerId, rotated.ProducerId);
        Assert.Equal((ErrorCode.None, rotated.ProducerId, (short)0), (repeated.Error, repeated.ProducerId, repeated.ProducerEpoch));
    }

    [Fact]
    public void Repeated_word_of_written_markers_does_not_complete_the_next_transaction_of_the_epoch()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 0, First);
        run.End(claim, true, false);
        WriteMarkers markers = run.Markers.Dequeue();
        run.Written(markers);
        run.Advance(10);
        run.Add(claim, 0, First);
        run.End(claim, true, false);

        run.Written(markers);

        Assert.Equal(TransactionStatus.PrepareCommit, run.State("x").Status);
    }

    [Fact]
    public void Markers_are_asked_for_again_until_they_are_written()
    {
        ShardRun run = new();
        run.End(Begin(run, "x", 2, First), true, true);
        run.Markers.Clear();

        run.Advance(10_000);

        Assert.True(Assert.Single(run.Markers).IsCommit);
        run.CompleteMarkers();
        run.Advance(60_000);
        Assert.Empty(run.Markers);
    }

    [Fact]
    public void Verification_names_the_partitions_that_are_not_part_of_the_transaction()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 0, First);

        Assert.Equal([Second], run.Verify(claim, First, Second).Response!.Missing);
        Assert.Equal(ErrorCode.ProducerFenced, run.Verify(claim with { ProducerEpoch = 5 }, First).Response!.Error);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, run.Verify(claim with { ProducerId = 5 }, First).Response!.Error);
    }

    [Fact]
    public void An_idle_id_expires_and_an_open_one_does_not()
    {
        ShardRun run = new(new TransactionSettings { IdExpirationMs = 10_000, IdExpirationCheckMs = 1_000 });
        run.Init("idle");
        _ = Begin(run, "open", 2, First);

        run.Advance(20_000);

        Assert.Null(run.Shard.Find("idle"));
        Assert.NotNull(run.Shard.Find("open"));
        run.Reload();
        Assert.Null(run.Shard.Find("idle"));
    }

    [Fact]
    public void Records_of_a_cluster_without_the_feature_have_the_first_version()
    {
        ShardRun run = new(transactionVersion: 0);
        ProducerClaim claim = Begin(run, "x", 0, First);
        run.End(claim, true, false);
        run.CompleteMarkers();

        Assert.All(run.Log, entry => Assert.Equal(0, entry.Value![1]));
        run.Reload();
        Assert.Equal(TransactionStatus.CompleteCommit, run.State("x").Status);
    }

    [Fact]
    public void Unload_sends_those_who_wait_to_the_next_coordinator()
    {
        ShardRun run = new();
        ProducerClaim claim = Begin(run, "x", 0, First);
        run.End(claim, true, false);
        TestReply<ProducerAnswer> init = run.Init("x");

        run.Reload();

        Assert.Equal(ErrorCode.NotCoordinator, init.Response!.Error);
    }

    internal static ProducerClaim Begin(ShardRun run, string id, short version, params TopicPartition[] partitions)
    {
        ProducerAnswer init = run.Init(id).Response!;
        ProducerClaim claim = new(id, init.ProducerId, init.ProducerEpoch);
        if (partitions.Length > 0)
            Assert.Equal(ErrorCode.None, run.Add(claim, version, partitions).Response!.Error);
        return claim;
    }

    private static (ErrorCode Error, short Epoch) Result(TestReply<ProducerAnswer> reply) => (reply.Response!.Error, reply.Response.ProducerEpoch);
}
