using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Notices that the leader's process is gone: connections that break and are refused again say so long before the fetch time-out does. It is
/// taken for the word that a leader gives when it stops, and only makes this node sound out an election: voters that hear the leader refuse.
/// The driver's thread only.
/// </summary>
internal sealed class LeaderWatch(int localId)
{
    private const int FailuresMin = 3;
    private const long PatienceMs = 60;
    private const int DoublingsMax = 5;

    private int _failures;
    private int _alarms;
    private long _firstFailureMs;

    /// <summary>Notes what became of a fetch.</summary>
    /// <param name="fetch">The request.</param>
    /// <param name="answer">Its answer, or that there was none.</param>
    /// <param name="node">The core.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>What the leader would have said; null while there is hope.</returns>
    public EndQuorumEpochRequest? Note(FetchRequest fetch, RaftMessage answer, RaftNode node, long nowMs)
    {
        if (answer is not FetchResponse { Error: RaftError.Disconnected })
        {
            _failures = _alarms = 0;
            return null;
        }

        if (fetch.Destination != node.LeaderId) return null;
        if (_failures++ == 0) _firstFailureMs = nowMs;
        // A node that alone cannot reach the leader must not ask for elections all the time.
        if (_failures < FailuresMin || nowMs - _firstFailureMs < PatienceMs << Math.Min(_alarms, DoublingsMax)) return null;
        _failures = 0;
        _alarms++;
        // In one order on all nodes, so that they do not stand at once.
        return new EndQuorumEpochRequest(0, fetch.Destination, localId, node.Epoch, [.. node.Voters.Voters.Select(static voter => voter.Key).Where(key => key.Id != fetch.Destination)]);
    }
}
