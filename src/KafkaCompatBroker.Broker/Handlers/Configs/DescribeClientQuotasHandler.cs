using System.Collections.Immutable;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DescribeClientQuotasResponse;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// DescribeClientQuotas (48): the quotas that the metadata log holds (KIP-546); they are not enforced by this broker. A component matches an exact name (0), the default (1) or any (2); strict leaves out entities with other
/// parts. UNSUPPORTED_VERSION for an unknown kind of entity, INVALID_REQUEST for filters that contradict themselves.
/// </summary>
public sealed class DescribeClientQuotasHandler(ClusterView cluster) : IRequestHandler<DescribeClientQuotasRequest, DescribeClientQuotasResponse>
{
    private const sbyte Exact = 0;
    private const sbyte Default = 1;
    private const sbyte Any = 2;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeClientQuotas);

    public ValueTask<DescribeClientQuotasResponse> HandleAsync(RequestContext context, DescribeClientQuotasRequest request, CancellationToken token)
    {
        if (Check(request.Components) is var (code, message) && code != ErrorCode.None)
            return ValueTask.FromResult(new DescribeClientQuotasResponse { ErrorCode = code, ErrorMessage = message, Entries = null });
        return ValueTask.FromResult(new DescribeClientQuotasResponse
        {
            ErrorMessage = "",
            Entries = [.. cluster.Image.ClientQuotas.Where(quota => Matches(request, quota.Key)).Select(static quota => Show(quota.Key, quota.Value))],
        });
    }

    private static (ErrorCode Code, string Message) Check(DescribeClientQuotasRequest.ComponentData[] components)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (DescribeClientQuotasRequest.ComponentData component in components)
        {
            if (component.EntityType.Length == 0) return (ErrorCode.InvalidRequest, "Invalid empty entity type.");
            if (!seen.Add(component.EntityType)) return (ErrorCode.InvalidRequest, $"Entity type {component.EntityType} cannot appear more than once in the filter.");
            if (component.EntityType is not ("user" or "client-id" or "ip")) return (ErrorCode.UnsupportedVersion, $"Unsupported entity type {component.EntityType}");
            switch (component.MatchType)
            {
                case Exact when component.Match is null:
                    return (ErrorCode.InvalidRequest, "Request specified MATCH_TYPE_EXACT, but set match string to null.");
                case Default or Any when component.Match is not null:
                    return (ErrorCode.InvalidRequest, "Request set a match string for a match type that has none.");
                case < Exact or > Any:
                    return (ErrorCode.InvalidRequest, $"Unknown match type {component.MatchType}");
            }
        }

        return seen.Contains("ip") && seen.Count > 1
            ? (ErrorCode.InvalidRequest, "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.")
            : (ErrorCode.None, "");
    }

    private static bool Matches(DescribeClientQuotasRequest request, QuotaEntity entity) =>
        request.Components.All(component => entity.Parts.Any(part => part.Type == component.EntityType && component.MatchType switch
        {
            Exact => part.Name == component.Match,
            Default => part.Name is null,
            _ => true,
        })) && (!request.Strict || entity.Parts.Count == request.Components.Length);

    private static EntryData Show(QuotaEntity entity, ImmutableSortedDictionary<string, double> values) => new()
    {
        Entity = [.. entity.Parts.Select(static part => new EntityData { EntityType = part.Type, EntityName = part.Name })],
        Values = [.. values.Select(static value => new ValueData { Key = value.Key, Value = value.Value })],
    };
}
