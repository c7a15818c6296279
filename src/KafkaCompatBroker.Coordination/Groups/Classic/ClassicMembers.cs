using System.Diagnostics.CodeAnalysis;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>The members of a classic group: who leads, who is static, who has joined, which protocols all of them know.</summary>
internal sealed class ClassicMembers
{
    private readonly Dictionary<string, ClassicMember> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClassicMember> _byInstance = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _offers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Deadline> _expected = new(StringComparer.Ordinal);

    public int Count => _byId.Count;

    public IReadOnlyCollection<ClassicMember> All => _byId.Values;

    public string? LeaderId { get; private set; }

    /// <summary>Members whose JoinGroup waits.</summary>
    public int JoinedCount { get; private set; }

    /// <summary>True when every member has joined and nobody who was given a member id is still to come.</summary>
    public bool HaveAllJoined => JoinedCount == Count && _expected.Count == 0;

    /// <summary>The longest time that a member may need to join again.</summary>
    public int RebalanceTimeoutMs => _byId.Count == 0 ? 0 : Math.Max(0, _byId.Values.Max(member => member.RebalanceTimeoutMs));

    public bool IsLeader(string memberId) => LeaderId == memberId;

    public bool TryFind(string memberId, [NotNullWhen(true)] out ClassicMember? member) => _byId.TryGetValue(memberId, out member);

    public ClassicMember? OfInstance(string instanceId) => _byInstance.GetValueOrDefault(instanceId);

    public void Add(ClassicMember member)
    {
        _byId.Add(member.MemberId, member);
        if (member.InstanceId is not null) _byInstance.Add(member.InstanceId, member);
        LeaderId ??= member.MemberId;
        CountOffers(member, 1);
        if (member.Join is not null) JoinedCount++;
        DropExpected(member.MemberId);
    }

    /// <summary>Removes a member, of whom nobody may wait any more. Another one leads when it was the leader.</summary>
    public void Remove(ClassicMember member)
    {
        if (!_byId.Remove(member.MemberId)) return;
        if (member.InstanceId is not null) _byInstance.Remove(member.InstanceId);
        member.Session?.Cancel();
        Await(member, null);
        CountOffers(member, -1);
        if (IsLeader(member.MemberId)) LeaderId = _byId.Keys.FirstOrDefault();
    }

    /// <summary>Puts a member with another id in the place of a static member (KIP-345).</summary>
    public void Replace(ClassicMember old, ClassicMember successor)
    {
        bool isLeader = IsLeader(old.MemberId);
        Remove(old);
        Add(successor);
        if (isLeader) LeaderId = successor.MemberId;
    }

    public void Clear()
    {
        foreach (ClassicMember member in _byId.Values) member.Session?.Cancel();
        foreach (Deadline deadline in _expected.Values) deadline.Cancel();
        _byId.Clear();
        _byInstance.Clear();
        _offers.Clear();
        _expected.Clear();
        LeaderId = null;
        JoinedCount = 0;
    }

    /// <summary>Takes the leader from the log.</summary>
    public void Lead(string? memberId)
    {
        if (memberId is not null && _byId.ContainsKey(memberId)) LeaderId = memberId;
    }

    /// <summary>Another member leads when the leader has not joined again. False when nobody has.</summary>
    public bool ElectJoinedLeader()
    {
        if (LeaderId is null) return false;
        if (_byId[LeaderId].Join is not null) return true;
        ClassicMember? joined = _byId.Values.FirstOrDefault(member => member.Join is not null);
        if (joined is null) return false;
        LeaderId = joined.MemberId;
        return true;
    }

    /// <summary>Keeps the JoinGroup of a member, or none.</summary>
    public void Await(ClassicMember member, ClassicMember.JoinWait? join)
    {
        if (member.Join is null && join is not null) JoinedCount++;
        if (member.Join is not null && join is null) JoinedCount--;
        member.Join = join;
    }

    /// <summary>Replaces what a member offers.</summary>
    public void Offer(ClassicMember member, IReadOnlyList<ClassicProtocol> protocols)
    {
        CountOffers(member, -1);
        member.Protocols = protocols;
        CountOffers(member, 1);
    }

    /// <summary>True when every member offers one of the protocols.</summary>
    public bool AllOfferOneOf(IEnumerable<string> protocolNames) => protocolNames.Any(name => _offers.GetValueOrDefault(name) == Count);

    /// <summary>
    /// The protocol with the most votes: each member votes for the first it offers that all others offer too. Of several with as many votes
    /// the one that a Java HashMap has first, so that groups choose as they do with Kafka.
    /// </summary>
    public string SelectProtocol() => SelectProtocol(_byId.Values);

    /// <summary>The protocol that will be selected when a member has another in its place.</summary>
    public string SelectProtocolWith(ClassicMember old, ClassicMember successor) =>
        SelectProtocol([.. _byId.Values.Select(member => member == old ? successor : member)]);

    /// <summary>A member id has been given out and is to be joined with until the deadline.</summary>
    public void Expect(string memberId, Deadline deadline) => _expected.Add(memberId, deadline);

    public bool IsExpected(string memberId) => _expected.ContainsKey(memberId);

    public bool DropExpected(string memberId)
    {
        if (!_expected.Remove(memberId, out Deadline? deadline)) return false;
        deadline.Cancel();
        return true;
    }

    private static string SelectProtocol(IReadOnlyCollection<ClassicMember> members)
    {
        HashSet<string> common = members.First().Protocols.Select(protocol => protocol.Name).ToHashSet(StringComparer.Ordinal);
        foreach (ClassicMember member in members) common.IntersectWith(member.Protocols.Select(protocol => protocol.Name));

        return members
            .GroupBy(member => member.Protocols.First(protocol => common.Contains(protocol.Name)).Name, StringComparer.Ordinal)
            .OrderByDescending(votes => votes.Count())
            .ThenBy(votes => JavaBucket(votes.Key))
            .First()
            .Key;
    }

    private static int JavaBucket(string name)
    {
        int hash = JavaHash.Of(name);
        return (hash ^ (hash >>> 16)) & 15;
    }

    private void CountOffers(ClassicMember member, int change)
    {
        foreach (ClassicProtocol protocol in member.Protocols.DistinctBy(protocol => protocol.Name))
        {
            int count = _offers.GetValueOrDefault(protocol.Name) + change;
            if (count > 0) _offers[protocol.Name] = count;
            else _offers.Remove(protocol.Name);
        }
    }
}
