namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>How many members of a group have a name, an expression, an assignor or a classic protocol; kept with every change so that a heartbeat need not look at all members.</summary>
internal sealed class SubscriptionCounts
{
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _regexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _assignors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _classicProtocols = new(StringComparer.Ordinal);

    /// <summary>Topic names to which members subscribe.</summary>
    public IReadOnlyDictionary<string, int> Names => _names;

    /// <summary>Regular expressions to which members subscribe.</summary>
    public IReadOnlyDictionary<string, int> Regexes => _regexes;

    /// <summary>Server-side assignors that members like.</summary>
    public IReadOnlyDictionary<string, int> Assignors => _assignors;

    /// <summary>Protocols that classic members offer.</summary>
    public IReadOnlyDictionary<string, int> ClassicProtocols => _classicProtocols;

    public int ClassicMembers { get; private set; }

    public void Add(ConsumerMember member) => Change(member, 1);

    public void Remove(ConsumerMember member) => Change(member, -1);

    private static void Change(Dictionary<string, int> counts, string name, int by)
    {
        int count = counts.GetValueOrDefault(name) + by;
        if (count > 0) counts[name] = count;
        else counts.Remove(name);
    }

    private void Change(ConsumerMember member, int by)
    {
        foreach (string name in member.TopicNames) Change(_names, name, by);
        if (member.HasRegex) Change(_regexes, member.TopicRegex, by);
        if (member.Assignor is not null) Change(_assignors, member.Assignor, by);
        if (member.Classic is null) return;
        ClassicMembers += by;
        foreach (ClassicMembership.Offer offer in member.Classic.Protocols) Change(_classicProtocols, offer.Name, by);
    }
}
