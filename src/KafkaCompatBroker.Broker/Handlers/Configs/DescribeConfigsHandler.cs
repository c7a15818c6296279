using System.Globalization;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.DescribeConfigsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// DescribeConfigs (32): properties of topics, brokers, the default of all brokers (empty name), groups, client metrics
/// subscriptions and loggers, each with its source. No keys named means all. v1+: synonyms when asked for (KIP-226);
/// v3+: types, and documentation when asked for (KIP-569). Sensitive values are never shown. Groups and subscriptions that do
/// not exist answer their defaults.
/// </summary>
public sealed class DescribeConfigsHandler(ClusterView cluster, LoggerConfigs loggers) : IRequestHandler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    private const string MalformedText =
        "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.";

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeConfigs);

    public ValueTask<DescribeConfigsResponse> HandleAsync(RequestContext context, DescribeConfigsRequest request, CancellationToken token) =>
        ValueTask.FromResult(new DescribeConfigsResponse { Results = [.. request.Resources.Select(resource => Describe(request, resource))] });

    private DescribeConfigsResult Describe(DescribeConfigsRequest request, DescribeConfigsRequest.DescribeConfigsResource resource)
    {
        (ErrorCode code, string message) = Find((ConfigResourceType)resource.ResourceType, resource.ResourceName, out IReadOnlyList<EffectiveConfig> configs);
        string[]? keys = resource.ConfigurationKeys is { Length: > 0 } some ? some : null;
        IEnumerable<DescribeConfigsResourceResult> shown = code == ErrorCode.None && resource.ResourceType == (sbyte)ConfigResourceType.BrokerLogger
            ? loggers.All.Select(Show)
            : configs.Select(config => Show(request, config));
        return new DescribeConfigsResult
        {
            ErrorCode = code,
            ErrorMessage = message,
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
            Configs = [.. shown.Where(config => keys is null || keys.Contains(config.Name, StringComparer.Ordinal))],
        };
    }

    private (ErrorCode Code, string Message) Find(ConfigResourceType type, string name, out IReadOnlyList<EffectiveConfig> configs)
    {
        configs = [];
        MetadataImage image = cluster.Image;
        DynamicBrokerConfigs dynamic = image.DynamicConfigsOf(cluster.NodeId);
        switch (type)
        {
            case ConfigResourceType.Topic:
                if (TopicName.FindProblem(name) is { } problem) return (ErrorCode.InvalidTopicException, problem);
                if (image.Topic(name) is null) return (ErrorCode.UnknownTopicOrPartition, "");
                configs = cluster.Configs.DescribeTopic(image.ConfigsOf(ConfigResource.Topic(name)), dynamic);
                return (ErrorCode.None, "");
            case ConfigResourceType.Broker when name.Length == 0:
                configs = cluster.Configs.DescribeClusterDefault(dynamic);
                return (ErrorCode.None, "");
            case ConfigResourceType.Broker:
                if (CheckNode(name, "broker id, expected {0} or empty string, but") is { } badBroker) return (ErrorCode.InvalidRequest, badBroker);
                configs = cluster.Configs.DescribeBroker(dynamic);
                return (ErrorCode.None, "");
            case ConfigResourceType.BrokerLogger:
                if (name.Length == 0) return (ErrorCode.InvalidRequest, "Broker id must not be empty");
                return CheckNode(name, "broker id, expected {0} but") is { } badLogger ? (ErrorCode.InvalidRequest, badLogger) : (ErrorCode.None, "");
            case ConfigResourceType.ClientMetrics:
                if (name.Length == 0) return (ErrorCode.InvalidRequest, "Client metrics subscription name must not be empty");
                configs = ConfigResolver.DescribeClientMetrics(image.ConfigsOf(new ConfigResource(type, name)));
                return (ErrorCode.None, "");
            case ConfigResourceType.Group:
                if (name.Length == 0) return (ErrorCode.InvalidRequest, "Group name must not be empty");
                configs = cluster.Configs.DescribeGroup(image.ConfigsOf(new ConfigResource(type, name)), dynamic);
                return (ErrorCode.None, "");
            default:
                return (ErrorCode.InvalidRequest, MalformedText);
        }
    }

    private string? CheckNode(string name, string expectation)
    {
        if (!int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id)) return $"Broker id must be an integer, but it is: {name}";
        return id == cluster.NodeId ? null : $"Unexpected {string.Format(CultureInfo.InvariantCulture, expectation, cluster.NodeId)} received {name}";
    }

    private static DescribeConfigsResourceResult Show((string Name, string Level) logger) =>
        new() { Name = logger.Name, Value = logger.Level, ConfigSource = (sbyte)ConfigSource.DynamicBrokerLogger };

    private static DescribeConfigsResourceResult Show(DescribeConfigsRequest request, EffectiveConfig config) => new()
    {
        Name = config.Name,
        Value = config.Value,
        ReadOnly = config.IsReadOnly,
        ConfigSource = (sbyte)config.Source,
        IsSensitive = config.IsSensitive,
        Synonyms = request.IncludeSynonyms
            ? [.. config.Synonyms.Select(static synonym => new DescribeConfigsSynonym { Name = synonym.Name, Value = synonym.Value, Source = (sbyte)synonym.Source })]
            : [],
        ConfigType = (sbyte)config.Type,
        Documentation = request.IncludeDocumentation ? config.Documentation : null,
    };
}
