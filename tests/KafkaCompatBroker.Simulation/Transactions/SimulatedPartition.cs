using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Simulation.Transactions;

/// <summary>A partition whose log is a list and whose producer state is the broker's own.</summary>
internal sealed class SimulatedPartition(SeededBug bug)
{
    private readonly List<Entry> _log = [];
    private ProducerStates _states = new();

    public long FirstUnstableOffset => _states.FirstUnstableOffset;

    public VerificationGuard? BeginVerification(ProducerClaim claim, int sequence, bool startsAtZero) =>
        _states.BeginVerification(claim.ProducerId, claim.ProducerEpoch, sequence, startsAtZero, 0);

    public ProducerVerdict Append(ProducerClaim claim, int sequence, int value, VerificationGuard? guard)
    {
        ProducerBatch batch = new(claim.ProducerId, claim.ProducerEpoch, sequence, sequence, _log.Count, _log.Count, 0, true, null);
        AppendOrigin origin = bug == SeededBug.ForgetsSequences ? AppendOrigin.Coordinator : AppendOrigin.Client;
        bool mustVerify = bug != SeededBug.NobodyVerifies;
        ProducerVerdict verdict = _states.Check(batch, new ProducerChecks(origin, mustVerify, guard), out _);
        if (verdict == ProducerVerdict.StaleEpoch && bug == SeededBug.OldEpochsMayWrite)
            verdict = ProducerVerdict.Accepted;
        if (verdict == ProducerVerdict.Accepted)
            Add(new Entry(batch, value));
        return verdict;
    }

    public ProducerVerdict Mark(WriteMarkers markers)
    {
        ProducerBatch batch = new(
            markers.Producer.ProducerId, markers.Producer.ProducerEpoch, -1, -1, _log.Count, _log.Count, 0, true, new EndMarker(!markers.IsCommit, markers.CoordinatorEpoch));
        short version = bug == SeededBug.LateMarkersCount ? (short)0 : markers.TransactionVersion;
        ProducerVerdict verdict = _states.Check(batch, new ProducerChecks(AppendOrigin.Coordinator, MarkerVersion: version), out _);
        if (verdict == ProducerVerdict.Accepted)
            Add(new Entry(batch, 0));
        return verdict;
    }

    /// <summary>The broker of the partition is killed and reads its log again; what it only knew in memory is gone.</summary>
    public void Restart()
    {
        _states = new ProducerStates();
        foreach (Entry entry in _log)
            Track(entry);
    }

    /// <summary>What a consumer of committed records gets in the end.</summary>
    public IEnumerable<int> Committed()
    {
        Dictionary<long, List<int>> open = [];
        List<int> committed = [];
        foreach (Entry entry in _log)
        {
            if (entry.Batch.Marker is not { } marker)
            {
                if (!open.TryGetValue(entry.Batch.ProducerId, out List<int>? values))
                    open.Add(entry.Batch.ProducerId, values = []);
                values.Add(entry.Value);
            }
            else if (open.Remove(entry.Batch.ProducerId, out List<int>? values) && !marker.IsAbort)
            {
                committed.AddRange(values);
            }
        }

        return committed;
    }

    private void Add(Entry entry)
    {
        _log.Add(entry);
        Track(entry);
    }

    private void Track(Entry entry)
    {
        if (_states.Apply(entry.Batch) is { } completed)
            _states.Complete(completed);
        _states.HighWatermarkMovedTo(entry.Batch.LastOffset + 1);
    }

    private readonly record struct Entry(ProducerBatch Batch, int Value);
}
