using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage;

/// <summary>What a log knows of those who write to it; every question takes the log's lock for a moment.</summary>
public sealed class LogProducers
{
    private readonly LogState _log;

    internal LogProducers(LogState state) => _log = state;

    /// <summary>A copy of the state of every known producer.</summary>
    public ProducerRecord[] Active()
    {
        lock (_log.Lock)
        {
            return [.. _log.Producers.States.Producers.Select(producer => producer.ToRecord())];
        }
    }

    public bool HasOngoingTransaction(long producerId)
    {
        lock (_log.Lock)
        {
            return _log.Producers.States.HasOngoingTransaction(producerId);
        }
    }

    /// <summary>Says under which guard a producer may begin a transaction here once its coordinator agrees; null when it needs none.</summary>
    public VerificationGuard? BeginVerification(long producerId, short producerEpoch, int baseSequence, bool startsAtZero, long nowMs)
    {
        lock (_log.Lock)
        {
            return _log.Producers.States.BeginVerification(producerId, producerEpoch, baseSequence, startsAtZero, nowMs);
        }
    }

    /// <summary>Whether transactional records of a producer may come: see <see cref="BeginVerification"/>.</summary>
    public bool IsVerified(long producerId, short producerEpoch, VerificationGuard? guard)
    {
        lock (_log.Lock)
        {
            return !_log.Config.VerifiesTransactions || _log.Producers.States.IsVerified(producerId, producerEpoch, guard);
        }
    }
}
