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
    private int _leaderId = QuorumStateRecord.NoLeader;

    /// <param name="voters">controller.quorum.voters</param>
    /// <param name="bootstrapServers">controller.quorum.bootstrap.servers as host:port</param>
    /// <exception cref="FormatException">A server cannot be understood.</exception>
    public QuorumEndpoints(VoterSet voters, IReadOnlyList<string> bootstrapServers)
    {
        Learn(voters);
        for (var index = 0; index < bootstrapServers.Count; index++) _byId[BootstrapId(index)] = Parse(bootstrapServers[index]);
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

    public void Learn(int id, string host, int port)
    {
        lock (_gate) _byId[id] = new DnsEndPoint(host, port);
    }

    public void Learn(VoterSet voters)
    {
        foreach (var voter in voters.Voters)
            if (voter.Endpoints.Count > 0 && voter.Endpoints[0].Port > 0) Learn(voter.Key.Id, voter.Endpoints[0].Host, voter.Endpoints[0].Port);
    }

    public void LeaderIs(int id)
    {
        lock (_gate) _leaderId = id;
    }

    private static DnsEndPoint Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port)
            ? new DnsEndPoint(text[..colon].Trim('[', ']'), port)
            : throw new FormatException($"controller.quorum.bootstrap.servers: {text} is not host:port.");
    }
}
