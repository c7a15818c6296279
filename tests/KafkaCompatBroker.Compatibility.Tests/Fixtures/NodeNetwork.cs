using System.Diagnostics;
using System.Globalization;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>
/// Network namespaces for the nodes 1, 2 and so on, one a node, joined by a bridge that this process is on too. Between two of them packets
/// can be made to vanish in one direction, silently: a permanent neighbour entry that leads nowhere. Needs root and iproute2.
/// </summary>
internal sealed class NodeNetwork : IDisposable
{
    private const string Nowhere = "02:00:00:00:00:ff";

    private readonly int _nodes;
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"kf{Environment.ProcessId % 100_000}");
    private readonly string _subnet = string.Create(CultureInfo.InvariantCulture, $"10.{100 + Environment.ProcessId / 250 % 100}.{Environment.ProcessId % 250}");

    public NodeNetwork(int nodes)
    {
        _nodes = nodes;
        try
        {
            Make();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be no namespaces here, or null.</summary>
    public static string? Impossible { get; } = WhyImpossible();

    private string Bridge => $"{_name}b";

    public string Host(int id) => $"{_subnet}.{id}";

    /// <summary>What the command line of a node begins with.</summary>
    public IReadOnlyList<string> Launcher(int id) => ["ip", "netns", "exec", Namespace(id)];

    /// <summary>Nothing that one node sends reaches the other; what the other sends does.</summary>
    public void Cut(int from, int to) => Must("-n", Namespace(from), "neigh", "replace", Host(to), "lladdr", Nowhere, "dev", "eth0", "nud", "permanent");

    public void CutBoth(int one, int other)
    {
        Cut(one, other);
        Cut(other, one);
    }

    public void Heal()
    {
        foreach (var from in Enumerable.Range(1, _nodes))
            foreach (var to in Enumerable.Range(1, _nodes).Where(to => to != from))
                Run("-n", Namespace(from), "neigh", "del", Host(to), "dev", "eth0");
    }

    public void Dispose()
    {
        for (var id = 1; id <= _nodes; id++)
        {
            // A namespace takes its links along only when the kernel gets to it, which may be after the next test asks for the names.
            Run("link", "del", Link(id));
            Run("netns", "del", Namespace(id));
        }

        Run("link", "del", Bridge);
    }

    private static string? WhyImpossible()
    {
        if (!Requirements.OnPath("ip")) return "iproute2 is not installed";
        var probe = string.Create(CultureInfo.InvariantCulture, $"kf{Environment.ProcessId}probe");
        if (Run("netns", "add", probe) is { Length: > 0 } reason) return $"network namespaces are not allowed here: {reason}";
        Run("netns", "del", probe);
        return null;
    }

    private static void Must(params string[] arguments) => Assert.Equal("", Run(arguments));

    private static string Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"ip {string.Join(' ', arguments)}: {errors}";
    }

    private void Make()
    {
        Must("link", "add", Bridge, "type", "bridge");
        Must("addr", "add", $"{_subnet}.254/24", "dev", Bridge);
        Must("link", "set", Bridge, "up");
        for (var id = 1; id <= _nodes; id++)
        {
            Must("netns", "add", Namespace(id));
            Must("link", "add", Link(id), "type", "veth", "peer", "name", "eth0", "netns", Namespace(id));
            Must("link", "set", Link(id), "master", Bridge, "up");
            Must("-n", Namespace(id), "addr", "add", $"{_subnet}.{id}/24", "dev", "eth0");
            Must("-n", Namespace(id), "link", "set", "eth0", "up");
            Must("-n", Namespace(id), "link", "set", "lo", "up");
        }
    }

    private string Link(int id) => $"{_name}v{id}";

    private string Namespace(int id) => $"{_name}n{id}";
}

/// <summary>Needs our executable and the right to make network namespaces.</summary>
internal sealed class NodeNetworkFactAttribute : FactAttribute
{
    public NodeNetworkFactAttribute() => Skip = Requirements.NoBrokerExecutable ?? NodeNetwork.Impossible;
}
