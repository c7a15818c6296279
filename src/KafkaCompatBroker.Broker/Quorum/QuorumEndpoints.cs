using System.Net;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Where a node reaches the controllers, and which of them is active. Begins with configuration and learns from the leader's answers and
/// from the voters in the log. Any thread.
/// </summary>
public sealed class QuorumEndpoints
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, DnsEndPoint> _byId = [];
    private readonly string _listener;
    private readonly int _bootstrapServers;
    private int _nextBootstrap;
    private TaskCompletionSource _leaderChange = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _leaderId = QuorumStateRecord.NoLeader;

    /// <param name="voters">controller.quorum.voters</param>
    /// <param name="bootstrapServers">controller.quorum.bootstrap.servers as host:port</param>
    /// <param name="listener">The listener by which this node reaches controllers: the first of controller.listener.names.</param>
    /// <exception cref="FormatException">A server cannot be understood.</exception>
    public QuorumEndpoints(VoterSet voters, IReadOnlyList<string> bootstrapServers, string listener)
    {
        _listener = listener;
        _bootstrapServers = bootstrapServers.Count;
        Learn(voters);
        for (var index = 0; index < bootstrapServers.Count; index++) _byId[BootstrapId(index)] = Parse(bootstrapServers[index]);
    }

    /// <summary>The active controller's id; -1 while it is not known.</summary>
    public int LeaderId
    {
        get
        {
            lock (_gate) return _leaderId;
        }
    }

    /// <summary>The active controller's address; null while it is not known.</summary>
    public DnsEndPoint? Leader
    {
        get
        {
            lock (_gate) return _leaderId < 0 ? null : _byId.GetValueOrDefault(_leaderId);
        }
    }

    /// <summary>The id under which the quorum knows a bootstrap server, whose real id is not known.</summary>
    public static int BootstrapId(int index) => -2 - index;

    public DnsEndPoint? Find(int id)
    {
        lock (_gate) return _byId.GetValueOrDefault(id);
    }

    /// <summary>Completes when the active controller is another one than now.</summary>
    public Task LeaderChange
    {
        get
        {
            lock (_gate) return _leaderChange.Task;
        }
    }

    /// <summary>The bootstrap servers in turn; null without any.</summary>
    public DnsEndPoint? NextBootstrap()
    {
        lock (_gate) return _bootstrapServers == 0 ? null : _byId[BootstrapId(_nextBootstrap++ % _bootstrapServers)];
    }

    public void Learn(int id, string host, int port)
    {
        lock (_gate) _byId[id] = new DnsEndPoint(host, port);
    }

    public void Learn(VoterSet voters)
    {
        foreach (var voter in voters.Voters)
            Learn(voter.Key.Id, voter.Endpoints);
    }

    public void Learn(int id, IReadOnlyList<VoterEndpoint> endpoints)
    {
        if (Choose(endpoints) is { } found) Learn(id, found.Host, found.Port);
    }

    /// <summary>Which of a node's endpoints this one uses; null when there is none.</summary>
    public DnsEndPoint? Choose(IReadOnlyList<VoterEndpoint> endpoints) =>
        (endpoints.FirstOrDefault(one => string.Equals(one.Listener, _listener, StringComparison.OrdinalIgnoreCase)) ?? (endpoints.Count > 0 ? endpoints[0] : null)) is { Port: > 0 } found
            ? new DnsEndPoint(found.Host, found.Port)
            : null;

    public void LeaderIs(int id)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_leaderId == id) return;
            _leaderId = id;
            changed = _leaderChange;
            _leaderChange = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private static DnsEndPoint Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port)
            ? new DnsEndPoint(text[..colon].Trim('[', ']'), port)
            : throw new FormatException($"controller.quorum.bootstrap.servers: {text} is not host:port.");
    }
}
