using System.Globalization;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The voters that --initial-controllers or --standalone name (KIP-853): id@host:port:directory,...</summary>
internal static class InitialControllers
{
    private const short KRaftVersionMin = 0;
    private const short KRaftVersionMax = 1;

    /// <exception cref="FormatFailure">The text does not name voters.</exception>
    public static VoterSet Parse(string text, string listener)
    {
        var voters = new List<Voter>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var voter = ParseOne(part, listener);
            if (voters.Any(other => other.Key.Id == voter.Key.Id)) throw new FormatFailure($"Node id {voter.Key.Id} was specified more than once.");
            voters.Add(voter);
        }
        return voters.Count > 0 ? new VoterSet(voters) : throw new FormatFailure("No voters given.");
    }

    public static VoterSet Standalone(NodeSettings node)
    {
        if (node.ControllerEndpoint is not { } endpoint) throw new FormatFailure("No controller listeners found.");
        return new VoterSet([Make(node.NodeId, endpoint.Host, endpoint.Port, RandomId.Next(), node.ControllerListener)]);
    }

    private static Voter ParseOne(string text, string listener)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) throw new FormatFailure("No @ found in dynamic voter string.");
        if (!int.TryParse(text.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) throw new FormatFailure("Failed to parse node id in dynamic voter string.");
        var rest = text[(at + 1)..];
        var hostEnd = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) + 1 : rest.IndexOf(':', StringComparison.Ordinal);
        if (hostEnd <= 0 || hostEnd >= rest.Length || rest[hostEnd] != ':') throw new FormatFailure("No colon following hostname could be found.");
        var (host, afterHost) = (rest[..hostEnd].Trim('[', ']'), rest[(hostEnd + 1)..]);
        var colon = afterHost.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) throw new FormatFailure("No colon following port could be found.");
        if (!ushort.TryParse(afterHost.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) throw new FormatFailure("Failed to parse port in dynamic voter string.");
        if (!Uuid.TryParse(afterHost[(colon + 1)..], out var directory)) throw new FormatFailure("Failed to parse directory ID in dynamic voter string.");
        return Make(id, host, port, directory, listener);
    }

    private static Voter Make(int id, string host, int port, Uuid directory, string listener) =>
        new(new ReplicaKey(id, VoterRecords.ToDirectoryId(directory)), [new VoterEndpoint(listener, host, port)], KRaftVersionMin, KRaftVersionMax);
}
