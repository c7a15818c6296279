using System.Diagnostics.CodeAnalysis;

namespace KafkaCompatBroker.Raft;

/// <summary>Where a voter listens, by listener name.</summary>
/// <param name="Listener">Upper-case listener name.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
public sealed record VoterEndpoint(string Listener, string Host, int Port);

/// <summary>One voter: its replica key, its endpoints and the kraft.version range that it supports.</summary>
/// <param name="Key">Node id and directory id.</param>
/// <param name="Endpoints">In the order in which they are recorded in the log.</param>
/// <param name="KRaftVersionMin">Lowest kraft.version that the voter can run.</param>
/// <param name="KRaftVersionMax">Highest kraft.version that the voter can run.</param>
public sealed record Voter(ReplicaKey Key, IReadOnlyList<VoterEndpoint> Endpoints, short KRaftVersionMin, short KRaftVersionMax)
{
    /// <summary>Whether the voter can run this kraft.version.</summary>
    public bool Supports(short kraftVersion) => KRaftVersionMin <= kraftVersion && kraftVersion <= KRaftVersionMax;

    /// <summary>Whether a record that says <paramref name="other"/> says the same; the order of endpoints means nothing.</summary>
    public bool SaysTheSameAs(Voter other) =>
        Key == other.Key && KRaftVersionMin == other.KRaftVersionMin && KRaftVersionMax == other.KRaftVersionMax
        && Endpoints.Count == other.Endpoints.Count && Endpoints.All(other.Endpoints.Contains);
}

/// <summary>An immutable set of voters, at most one a node id. It comes from configuration (static) or from the log (KIP-853).</summary>
public sealed class VoterSet
{
    /// <summary>Nobody: what a node knows before it has read a Voters record.</summary>
    public static readonly VoterSet Empty = new([]);

    private readonly Voter[] _voters;

    /// <summary>Makes the set.</summary>
    /// <exception cref="ArgumentException">Two voters have one id.</exception>
    public VoterSet(IEnumerable<Voter> voters)
    {
        _voters = [.. voters];
        Array.Sort(_voters, static (one, other) => one.Key.Id.CompareTo(other.Key.Id));
        for (int i = 1; i < _voters.Length; i++)
            if (_voters[i].Key.Id == _voters[i - 1].Key.Id) throw new ArgumentException($"Voter {_voters[i].Key.Id} is listed twice.", nameof(voters));
    }

    /// <summary>Number of voters.</summary>
    public int Count => _voters.Length;

    /// <summary>Votes that decide.</summary>
    public int Majority => _voters.Length / 2 + 1;

    /// <summary>The voters by ascending id.</summary>
    public IEnumerable<Voter> Voters => _voters;

    /// <summary>The voters' ids, ascending.</summary>
    public IEnumerable<int> Ids => Array.ConvertAll(_voters, static voter => voter.Key.Id);

    /// <summary>Whether exactly this replica votes: the id alone is not enough when the set knows directory ids.</summary>
    public bool Contains(ReplicaKey replica) => TryGet(replica.Id, out var voter) && voter.Key.Covers(replica);

    /// <summary>Finds the voter with this id.</summary>
    public bool TryGet(int id, [MaybeNullWhen(false)] out Voter voter)
    {
        voter = Array.Find(_voters, one => one.Key.Id == id);
        return voter is not null;
    }

    /// <summary>The set with one more voter.</summary>
    /// <exception cref="ArgumentException">There is a voter with that id.</exception>
    public VoterSet With(Voter voter) => new([.. _voters, voter]);

    /// <summary>The set without this voter, null when it does not vote or nobody would be left.</summary>
    public VoterSet? Without(ReplicaKey replica) =>
        Count > 1 && TryGet(replica.Id, out var voter) && voter.Key == replica ? new VoterSet(_voters.Where(one => one != voter)) : null;

    /// <summary>The set with what is new about a voter, null when the id does not vote.</summary>
    public VoterSet? WithChanged(Voter voter) => TryGet(voter.Key.Id, out var old) ? new VoterSet(_voters.Select(one => one == old ? voter : one)) : null;

    /// <summary>Whether <paramref name="replica"/> is the one and only voter.</summary>
    public bool IsOnly(ReplicaKey replica) => Count == 1 && Contains(replica);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(' ', _voters.Select(voter => voter.Key))}]";
}
