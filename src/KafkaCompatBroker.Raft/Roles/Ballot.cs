namespace KafkaCompatBroker.Raft.Roles;

/// <summary>The votes of one election, by voter id.</summary>
internal sealed class Ballot
{
    private readonly Dictionary<int, bool?> _votes;
    private readonly int _majority;

    public Ballot(VoterSet voters, int localId)
    {
        _votes = voters.Ids.ToDictionary(id => id, id => id == localId ? true : (bool?)null);
        _majority = voters.Majority;
    }

    public bool IsWon => _votes.Values.Count(vote => vote is true) >= _majority;

    public bool IsLost => _votes.Values.Count(vote => vote is not false) < _majority;

    public IReadOnlyList<int> Granting => [.. _votes.Where(vote => vote.Value is true).Select(vote => vote.Key).Order()];

    public IEnumerable<int> Unanswered => _votes.Where(vote => vote.Value is null).Select(vote => vote.Key).Order();

    public void Count(int voterId, bool granted)
    {
        // A refusal never takes back a vote that was given: the answer that says so is the older one.
        if (_votes.TryGetValue(voterId, out var vote) && vote is not true) _votes[voterId] = granted;
    }
}
