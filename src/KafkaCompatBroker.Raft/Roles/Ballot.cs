namespace KafkaCompatBroker.Raft.Roles;

/// <summary>The votes of one election, by voter id.</summary>
internal sealed class Ballot
{
    private readonly int[] _voters;
    private readonly Vote[] _votes;
    private readonly int _majority;

    public Ballot(VoterSet voters, int localId)
    {
        _voters = [.. voters.Ids];
        _votes = new Vote[_voters.Length];
        _majority = voters.Majority;
        Count(localId, granted: true);
    }

    private enum Vote : byte
    {
        None,
        Granted,
        Refused,
    }

    public bool IsWon => VotersWith(Vote.Granted).Length >= _majority;

    public bool IsLost => _voters.Length - VotersWith(Vote.Refused).Length < _majority;

    public IReadOnlyList<int> Granting => VotersWith(Vote.Granted);

    public IEnumerable<int> Unanswered => VotersWith(Vote.None);

    public void Count(int voterId, bool granted)
    {
        int index = Array.IndexOf(_voters, voterId);
        // A refusal never takes back a vote that was given: the answer that says so is the older one.
        if (index >= 0 && _votes[index] != Vote.Granted) _votes[index] = granted ? Vote.Granted : Vote.Refused;
    }

    /// <summary>Ascending, as the voters are.</summary>
    private int[] VotersWith(Vote vote)
    {
        int count = 0;
        int[] found = new int[_voters.Length];
        for (int i = 0; i < _voters.Length; i++)
        {
            if (_votes[i] == vote) found[count++] = _voters[i];
        }
        return found[..count];
    }
}
