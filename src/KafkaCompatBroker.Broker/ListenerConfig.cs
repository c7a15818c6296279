using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker;

/// <summary>One listener: where it binds and what clients are told.</summary>
/// <param name="Name">Listener name, in upper case.</param>
/// <param name="SecurityProtocol">PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.</param>
/// <param name="Host">Host to bind; empty means every interface.</param>
/// <param name="Port">Port to bind; 0 lets the kernel choose.</param>
/// <param name="AdvertisedHost">Host that clients are told; null when the bound one serves.</param>
/// <param name="AdvertisedPort">Port that clients are told; null means the bound one.</param>
/// <param name="IsController">Whether controllers' APIs are served there.</param>
public sealed record ListenerConfig(
    string Name, string SecurityProtocol, string Host, int Port, string? AdvertisedHost, int? AdvertisedPort, bool IsController)
{
    private const string Plaintext = "PLAINTEXT";
    private const string AnyAddress = "0.0.0.0";
    private static readonly string[] Protocols = [Plaintext, "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

    /// <summary>What clients are told of this listener.</summary>
    /// <param name="boundPort">The port that it got.</param>
    public NodeEndpoint Advertise(int boundPort)
    {
        string host = string.IsNullOrEmpty(AdvertisedHost) ? Host : AdvertisedHost;
        if (host is "" or AnyAddress or "::")
            host = OwnHostName();
        return new(Name, host, (ushort)(AdvertisedPort is > 0 ? AdvertisedPort.Value : boundPort), (short)Array.IndexOf(Protocols, SecurityProtocol));
    }

    /// <summary>Reads <c>listeners</c>, <c>advertised.listeners</c>, <c>listener.security.protocol.map</c> and <c>controller.listener.names</c>.</summary>
    /// <exception cref="BrokerConfigException">They contradict each other or cannot be read.</exception>
    public static IReadOnlyList<ListenerConfig> Of(ConfigValues values, IReadOnlyDictionary<string, string> properties, bool isBroker, bool isController)
    {
        IReadOnlyList<string> controllerNames = ConfigItems.Of(values, "controller.listener.names");
        IReadOnlyList<ListenerAddress> bound = Parse("listeners", ConfigItems.Of(values, "listeners"));
        IReadOnlyList<ListenerAddress> advertised = Parse("advertised.listeners", ConfigItems.Of(values, "advertised.listeners"));
        Dictionary<string, string> protocols = ProtocolMap(values, properties, bound, controllerNames);
        List<ListenerConfig> listeners = [];
        foreach (ListenerAddress address in bound)
        {
            bool servesController = controllerNames.Contains(address.Name, StringComparer.OrdinalIgnoreCase);
            if (servesController ? !isController : !isBroker)
                throw new BrokerConfigException($"listeners={string.Join(',', ConfigItems.Of(values, "listeners"))}: {address.Name} does not fit process.roles.");
            string protocol = protocols.GetValueOrDefault(address.Name)
                ?? throw new BrokerConfigException($"listeners: no security protocol is defined for listener {address.Name} in listener.security.protocol.map.");
            ListenerAddress? told = advertised.FirstOrDefault(other => other.Name == address.Name);
            if (told?.Host == AnyAddress)
                throw new BrokerConfigException($"advertised.listeners={told.Name}://{told.Host}:{told.Port}: clients cannot connect to {AnyAddress}; give a host that they can reach.");
            listeners.Add(new(address.Name, protocol, address.Host, address.Port, told?.Host, told?.Port, servesController));
        }

        return listeners;
    }

    private static string OwnHostName()
    {
        const string Loopback = "localhost";
        try
        {
            string name = Dns.GetHostName();
            return Dns.GetHostAddresses(name).Length > 0 ? name : Loopback;
        }
        catch (SocketException)
        {
            // A machine without a name that resolves is reached by nobody else anyway.
            return Loopback;
        }
    }

    private static Dictionary<string, string> ProtocolMap(
        ConfigValues values, IReadOnlyDictionary<string, string> properties, IReadOnlyList<ListenerAddress> bound, IReadOnlyList<string> controllerNames)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        foreach (string entry in ConfigItems.Of(values, "listener.security.protocol.map"))
        {
            int colon = entry.IndexOf(':', StringComparison.Ordinal);
            string protocol = colon < 0 ? "" : entry[(colon + 1)..].Trim().ToUpperInvariant();
            if (!Protocols.Contains(protocol))
                throw new BrokerConfigException($"listener.security.protocol.map={entry}: expected NAME:PROTOCOL with one of {string.Join(", ", Protocols)}.");
            map[entry[..colon].Trim().ToUpperInvariant()] = protocol;
        }

        // As long as nothing is encrypted or authenticated, controllers' listeners need no entry of their own.
        bool isAllPlain = !properties.ContainsKey("listener.security.protocol.map")
            && bound.All(address => !map.TryGetValue(address.Name, out string? protocol) || protocol == Plaintext);
        if (isAllPlain)
        {
            foreach (string name in controllerNames)
                map.TryAdd(name.ToUpperInvariant(), Plaintext);
        }

        return map;
    }

    private static List<ListenerAddress> Parse(string key, IReadOnlyList<string> texts)
    {
        List<ListenerAddress> addresses = [];
        foreach (string text in texts)
        {
            int scheme = text.IndexOf("://", StringComparison.Ordinal);
            int colon = text.LastIndexOf(':');
            if (scheme <= 0 || colon < scheme + 3
                || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > ushort.MaxValue)
                throw new BrokerConfigException($"{key}={text}: expected NAME://HOST:PORT with a port from 0 to {ushort.MaxValue}.");
            ListenerAddress address = new(text[..scheme].Trim().ToUpperInvariant(), text[(scheme + 3)..colon].Trim('[', ']'), port);
            if (addresses.Any(other => other.Name == address.Name))
                throw new BrokerConfigException($"{key}={string.Join(',', texts)}: each listener must have a different name.");
            if (port != 0 && key == "listeners" && addresses.Any(other => other.Port == port && other.Host == address.Host))
                throw new BrokerConfigException($"{key}={string.Join(',', texts)}: each listener must have a different port.");
            addresses.Add(address);
        }

        return addresses;
    }

    private sealed record ListenerAddress(string Name, string Host, int Port);
}
