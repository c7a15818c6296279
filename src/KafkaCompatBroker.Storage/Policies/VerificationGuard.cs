namespace KafkaCompatBroker.Storage.Policies;

/// <summary>
/// Stands for one wish to begin a transaction on one partition (KIP-890). The log gives it out before the coordinator is asked whether the
/// transaction is open, and forgets it with any record or marker of the producer: an answer that comes too late opens nothing. Only the marker
/// of the transaction before leaves the guard of a producer that bumps its epoch alone.
/// </summary>
public sealed class VerificationGuard
{
    internal VerificationGuard(short producerEpoch, int lowestSequence, bool startsAtZero, long createdMs)
    {
        ProducerEpoch = producerEpoch;
        LowestSequence = lowestSequence;
        StartsAtZero = startsAtZero;
        CreatedMs = createdMs;
    }

    internal short ProducerEpoch { get; private set; }

    /// <summary>A batch behind one that still waits for its answer has to come again.</summary>
    internal int LowestSequence { get; private set; }

    /// <summary>The producer takes a new epoch with every transaction, so that a first batch with another sequence follows a lost one.</summary>
    internal bool StartsAtZero { get; }

    internal long CreatedMs { get; }

    internal void Include(short producerEpoch, int baseSequence)
    {
        if (producerEpoch > ProducerEpoch || (producerEpoch == ProducerEpoch && baseSequence < LowestSequence))
        {
            (ProducerEpoch, LowestSequence) = (producerEpoch, baseSequence);
        }
    }
}

/// <summary>What producer state asks of a batch besides its sequence.</summary>
/// <param name="Origin">Who appends.</param>
/// <param name="MustVerify">The first transactional batch of a client needs a guard.</param>
/// <param name="Guard">The guard under which the coordinator said that the transaction is open.</param>
/// <param name="MarkerVersion">From 2 on a marker has to have a higher epoch than the records that it ends (KIP-1228).</param>
public readonly record struct ProducerChecks(AppendOrigin Origin, bool MustVerify = false, VerificationGuard? Guard = null, short MarkerVersion = 0);
