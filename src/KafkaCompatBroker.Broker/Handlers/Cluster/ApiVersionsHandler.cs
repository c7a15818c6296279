using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// ApiVersions (18): what this listener serves, computed from its handlers, and the cluster's features (KIP-584).
/// Any version that the broker lacks is answered in version 0 with UNSUPPORTED_VERSION and the range of this API (KIP-511).
/// v3+: client software name and version, INVALID_REQUEST when malformed; v0-3 leave out features whose lowest level is 0, which their
/// clients cannot parse (KIP-1022); v5+: cluster and node that the client believes to talk to, REBOOTSTRAP_REQUIRED when it is not this
/// one (KIP-1242). Produce is offered from version 0 although 0-2 close: librdkafka before 2.0 looks for them (KIP-896).
/// </summary>
public sealed class ApiVersionsHandler(HandlerTable table, IFeatureSource features, string clusterId, int nodeId)
    : IRequestHandler<ApiVersionsRequest, ApiVersionsResponse>
{
    private const short FirstVersionWithSoftware = 3;
    private const short FirstVersionWithZeroFeatures = 4;
    private const int AnyNode = -1;

    private ApiVersionsResponse.ApiVersion[]? _apis;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ApiVersions);

    public ValueTask<ApiVersionsResponse> HandleAsync(RequestContext context, ApiVersionsRequest request, CancellationToken token)
    {
        if (context.ApiVersion >= FirstVersionWithSoftware)
        {
            if (!IsSoftwareText(request.ClientSoftwareName) || !IsSoftwareText(request.ClientSoftwareVersion))
            {
                return ValueTask.FromResult(new ApiVersionsResponse { ErrorCode = ErrorCode.InvalidRequest });
            }
            context.Session.SetSoftware(request.ClientSoftwareName, request.ClientSoftwareVersion);
        }
        bool misrouted = (request.ClusterId is { } wanted && wanted != clusterId) || (request.NodeId != AnyNode && request.NodeId != nodeId);
        return ValueTask.FromResult(misrouted ? new ApiVersionsResponse { ErrorCode = ErrorCode.RebootstrapRequired } : Answer(context.ApiVersion));
    }

    internal static ApiVersionsResponse UnsupportedVersion(ApiVersionRange versions) => new()
    {
        ErrorCode = ErrorCode.UnsupportedVersion,
        ApiKeys = [ApiVersion(ApiKey.ApiVersions, versions)],
    };

    private static ApiVersionsResponse.ApiVersion ApiVersion(ApiKey key, ApiVersionRange versions) => new()
    {
        ApiKey = (short)key,
        MinVersion = key == ApiKey.Produce ? (short)0 : versions.Lowest,
        MaxVersion = versions.Highest,
    };

    /// <summary>Letters and digits, with dots and dashes inside: it becomes part of metric names and logs.</summary>
    private static bool IsSoftwareText(string text)
    {
        if (text.Length == 0 || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '-')) return false;
        }
        return true;
    }

    private ApiVersionsResponse Answer(short version)
    {
        _apis ??= [.. table.Advertised.Select(api => ApiVersion(api.Key, api.Versions))];
        FinalizedFeatures finalized = features.Finalized;
        return new ApiVersionsResponse
        {
            ApiKeys = _apis,
            SupportedFeatures =
            [
                .. features.Supported
                    .Where(feature => version >= FirstVersionWithZeroFeatures || feature.Lowest > 0)
                    .Select(feature => new ApiVersionsResponse.SupportedFeatureKey
                    {
                        Name = feature.Name,
                        MinVersion = feature.Lowest,
                        MaxVersion = feature.Highest,
                    }),
            ],
            FinalizedFeaturesEpoch = finalized.Epoch,
            FinalizedFeatures =
            [
                .. finalized.Features.Select(feature => new ApiVersionsResponse.FinalizedFeatureKey
                {
                    Name = feature.Name,
                    MinVersionLevel = feature.Level,
                    MaxVersionLevel = feature.Level,
                }),
            ],
        };
    }
}
