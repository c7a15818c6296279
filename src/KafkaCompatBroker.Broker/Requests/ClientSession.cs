using System.Net;
using System.Text;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>What the broker knows of the client at the other end of a connection. Touched by one request at a time.</summary>
public sealed class ClientSession(CancellationToken closed)
{
    private byte[] _clientIdBytes = [];
    private string? _clientId;
    private string? _host;

    public Principal Principal { get; set; } = Principal.Anonymous;

    /// <summary>Name and version that the client gave in ApiVersions v3+ (KIP-511).</summary>
    public string SoftwareName { get; private set; } = "unknown";

    public string SoftwareVersion { get; private set; } = "unknown";

    /// <summary>Cancelled when the connection ends.</summary>
    public CancellationToken Closed { get; } = closed;

    /// <summary>Completes when the last Produce that had to ask a transaction's coordinator has appended its records.</summary>
    public Task LastVerification { get; set; } = Task.CompletedTask;

    /// <summary>The API of the requests in service, when there are any: only requests of one API overlap.</summary>
    internal ApiKey InService { get; set; }

    /// <summary>The quotas that apply to this client, as they were looked up last.</summary>
    internal ClientLimits? Limits { get; set; }

    /// <summary>Exists once the client of the connection is limited.</summary>
    internal ConnectionThrottle? Throttle { get; set; }

    public void SetSoftware(string name, string version) => (SoftwareName, SoftwareVersion) = (name, version);

    /// <summary>The client's address as authorization and DescribeGroups show it; made once.</summary>
    internal string Host(EndPoint remote) => _host ??= remote is IPEndPoint { Address: var address }
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : remote.ToString() ?? "";

    /// <summary>The client id as a string, made once for the many requests that repeat it.</summary>
    internal string ClientId(ReadOnlySpan<byte> bytes)
    {
        if (_clientId is { } known && bytes.SequenceEqual(_clientIdBytes)) return known;
        _clientIdBytes = bytes.ToArray();
        return _clientId = Encoding.UTF8.GetString(bytes);
    }
}
