using System.Net;
using System.Net.Sockets;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// AlterClientQuotas (49): sets and removes quotas of users, client ids and addresses in the metadata log (KIP-546), each entity on its own;
/// INVALID_REQUEST for an entity, key or value that cannot be, a host that nobody knows included. All versions alike.
/// </summary>
public sealed class AlterClientQuotasHandler(ControllerShell controller) : IRequestHandler<AlterClientQuotasRequest, AlterClientQuotasResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AlterClientQuotas);

    public async ValueTask<AlterClientQuotasResponse> HandleAsync(RequestContext context, AlterClientQuotasRequest request, CancellationToken token) =>
        await ExecuteAsync(request, await UnknownHostsAsync(request, token).ConfigureAwait(false), token).ConfigureAwait(false);

    private Task<AlterClientQuotasResponse> ExecuteAsync(AlterClientQuotasRequest request, IReadOnlySet<string> unknownHosts, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.AlterClientQuotas(request, unknownHosts), token);

    private static async Task<IReadOnlySet<string>> UnknownHostsAsync(AlterClientQuotasRequest request, CancellationToken token)
    {
        HashSet<string> unknown = new(StringComparer.Ordinal);
        foreach (AlterClientQuotasRequest.EntityData part in request.Entries.SelectMany(static entry => entry.Entity))
        {
            if (part is { EntityType: "ip", EntityName: { Length: > 0 } name } && !IPAddress.TryParse(name, out _) && !await IsKnownAsync(name, token).ConfigureAwait(false))
                unknown.Add(name);
        }
        return unknown;
    }

    private static async Task<bool> IsKnownAsync(string host, CancellationToken token)
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(host, token).ConfigureAwait(false)).Length > 0;
        }
        catch (Exception cause) when (cause is SocketException or ArgumentException)
        {
            return false;
        }
    }
}
