using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage.Tests;

public class VerificationTests
{
    private static readonly LogConfig Verifying = TestLog.Config() with { VerifiesTransactions = true };

    [Fact]
    public void A_transaction_begins_only_under_a_guard_and_goes_on_without()
    {
        using TestLog test = TestLog.Create(Verifying);
        Assert.Equal(ErrorCode.InvalidTxnState, Append(test, 0, 0, null).Error);

        VerificationGuard? guard = test.Log.Producers.BeginVerification(7, 0, 0, startsAtZero: false, 0);
        Assert.Equal(ErrorCode.None, Append(test, 0, 0, guard).Error);

        Assert.Null(test.Log.Producers.BeginVerification(7, 0, 1, startsAtZero: false, 0));
        Assert.Equal(ErrorCode.None, Append(test, 0, 1, null).Error);
    }

    [Fact]
    public void A_confirmation_that_comes_after_the_marker_opens_nothing()
    {
        using TestLog test = TestLog.Create(Verifying);
        VerificationGuard? late = test.Log.Producers.BeginVerification(7, 0, 0, startsAtZero: false, 0);
        test.Append(Batches.Marker(commit: false, 7, 0), origin: AppendOrigin.Coordinator);

        Assert.Equal(ErrorCode.InvalidTxnState, Append(test, 0, 0, late).Error);
        Assert.False(test.Log.Producers.IsVerified(7, 0, late));
        _ = test.Log.Producers.BeginVerification(7, 0, 0, startsAtZero: false, 0);
        Assert.Equal(ErrorCode.InvalidTxnState, Append(test, 0, 0, late).Error);
        Assert.Equal(-1, test.Log.Producers.Active()[0].TransactionFirstOffset);
    }

    [Fact]
    public void The_marker_of_the_transaction_before_may_come_while_the_next_one_is_being_verified()
    {
        using TestLog test = TestLog.Create(Verifying);
        VerificationGuard? first = test.Log.Producers.BeginVerification(7, 3, 0, startsAtZero: true, 0);
        Assert.Equal(ErrorCode.None, Append(test, 3, 0, first).Error);
        VerificationGuard? zombie = test.Log.Producers.BeginVerification(7, 2, 0, startsAtZero: true, 0);
        VerificationGuard? next = test.Log.Producers.BeginVerification(7, 4, 0, startsAtZero: true, 0);

        Assert.Equal(ErrorCode.None, Mark(test, 4, version: 2));

        Assert.False(test.Log.Producers.IsVerified(7, 2, zombie));
        Assert.Equal(ErrorCode.None, Append(test, 4, 0, next).Error);
        VerificationGuard? late = test.Log.Producers.BeginVerification(7, 5, 0, startsAtZero: true, 0);
        Assert.Equal(ErrorCode.None, Mark(test, 6, version: 2));
        Assert.Equal(ErrorCode.InvalidTxnState, Append(test, 6, 0, late).Error);
    }

    [Fact]
    public void A_batch_does_not_overtake_one_that_is_being_verified()
    {
        using TestLog test = TestLog.Create(Verifying);
        VerificationGuard? guard = test.Log.Producers.BeginVerification(7, 0, 0, startsAtZero: false, 0);
        Assert.Same(guard, test.Log.Producers.BeginVerification(7, 0, 5, startsAtZero: false, 0));

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(test, 0, 5, guard).Error);
        Assert.Equal(ErrorCode.None, Append(test, 0, 0, guard).Error);
    }

    [Fact]
    public void A_producer_that_bumps_its_epoch_begins_at_zero_even_where_nobody_knows_it()
    {
        using TestLog test = TestLog.Create(Verifying);
        VerificationGuard? guard = test.Log.Producers.BeginVerification(7, 3, 4, startsAtZero: true, 0);

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(test, 3, 4, guard).Error);
    }

    [Fact]
    public void A_marker_of_version_two_ends_only_lower_epochs_and_may_be_repeated()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Produced(7, 3, 0, transactional: true));

        Assert.Equal(ErrorCode.InvalidProducerEpoch, Mark(test, 3, version: 2));
        Assert.Equal(ErrorCode.None, Mark(test, 4, version: 2));
        Assert.Equal(ErrorCode.None, Mark(test, 4, version: 2));
        test.Append(Batches.Produced(7, 4, 0, transactional: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Mark(test, 4, version: 2));
        Assert.Equal(ErrorCode.None, Mark(test, 4, version: 0));
    }

    private static AppendOutcome Append(TestLog test, short epoch, int sequence, VerificationGuard? guard) =>
        test.Log.Append(Batches.Produced(7, epoch, sequence, transactional: true), new AppendContext(0, AppendOrigin.Client, 1_000, Guard: guard));

    private static ErrorCode Mark(TestLog test, short epoch, short version) =>
        test.Log.Append(Batches.Marker(commit: true, 7, epoch), new AppendContext(0, AppendOrigin.Coordinator, 1_000, MarkerVersion: version)).Error;
}
