using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>
/// Decides IncrementalAlterConfigs (KIP-339) and the older AlterConfigs, which replaces all properties of a resource.
/// Each resource is decided on its own.
/// </summary>
internal static class AlterConfigsCommand
{
    private const string MinInSyncReplicas = "min.insync.replicas";

    public static Decision<IncrementalAlterConfigsResponse> Decide(ControllerContext context, IncrementalAlterConfigsRequest request)
    {
        var records = new List<IMessage>();
        HashSet<(sbyte, string)> repeated = Repeated(request.Resources.Select(static resource => (resource.ResourceType, resource.ResourceName)));
        var responses = new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse[request.Resources.Length];
        for (int index = 0; index < responses.Length; index++)
        {
            IncrementalAlterConfigsRequest.AlterConfigsResource resource = request.Resources[index];
            var target = new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName);
            CommandError? error = repeated.Contains((resource.ResourceType, resource.ResourceName))
                ? RepeatedResource()
                : DecideIncremental(context, target, resource.Configs, records);
            responses[index] = new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = error?.Code ?? ErrorCode.None,
                ErrorMessage = error?.Message,
                ResourceType = resource.ResourceType,
                ResourceName = resource.ResourceName,
            };
        }

        return new Decision<IncrementalAlterConfigsResponse>(
            request.ValidateOnly ? [] : records, new IncrementalAlterConfigsResponse { Responses = responses });
    }

    public static Decision<AlterConfigsResponse> Decide(ControllerContext context, AlterConfigsRequest request)
    {
        var records = new List<IMessage>();
        HashSet<(sbyte, string)> repeated = Repeated(request.Resources.Select(static resource => (resource.ResourceType, resource.ResourceName)));
        var responses = new AlterConfigsResponse.AlterConfigsResourceResponse[request.Resources.Length];
        for (int index = 0; index < responses.Length; index++)
        {
            AlterConfigsRequest.AlterConfigsResource resource = request.Resources[index];
            var target = new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName);
            CommandError? error = repeated.Contains((resource.ResourceType, resource.ResourceName))
                ? RepeatedResource()
                : DecideReplacement(context, target, resource.Configs, records);
            responses[index] = new AlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = error?.Code ?? ErrorCode.None,
                ErrorMessage = error?.Message,
                ResourceType = resource.ResourceType,
                ResourceName = resource.ResourceName,
            };
        }

        return new Decision<AlterConfigsResponse>(request.ValidateOnly ? [] : records, new AlterConfigsResponse { Responses = responses });
    }

    private static HashSet<(sbyte, string)> Repeated(IEnumerable<(sbyte, string)> resources)
    {
        var seen = new HashSet<(sbyte, string)>();
        return [.. resources.Where(resource => !seen.Add(resource)).ToArray()];
    }

    private static CommandError RepeatedResource() => Refuse("Each resource must appear at most once.");

    private static CommandError Refuse(string message) => new(ErrorCode.InvalidRequest, message);

    private static CommandError? DecideIncremental(
        ControllerContext context, ConfigResource resource, IncrementalAlterConfigsRequest.AlterableConfig[] changes, List<IMessage> records)
    {
        CommandError? error = CheckNames(changes.Select(static change => change.Name)) ??
            CheckNulls(changes.Where(static change => change.Value is null && change.ConfigOperation != 1).Select(static change => change.Name)) ??
            CheckResource(context, resource);
        if (error is not null) return error;
        ImmutableSortedDictionary<string, string> before = context.Image.ConfigsOf(resource);
        ImmutableSortedDictionary<string, string>.Builder after = before.ToBuilder();
        foreach (IncrementalAlterConfigsRequest.AlterableConfig change in changes)
        {
            switch (change.ConfigOperation)
            {
                case 0:
                    after[change.Name] = change.Value!;
                    break;
                case 1:
                    after.Remove(change.Name);
                    break;
                case 2 or 3:
                    bool isAppend = change.ConfigOperation == 2;
                    if (DefinitionOf(resource, change.Name)?.Type != ConfigType.List)
                        return new CommandError(ErrorCode.InvalidConfig,
                            $"Can't {(isAppend ? "APPEND" : "SUBTRACT")} to key {change.Name} because its type is not LIST.");
                    after[change.Name] = ChangeList(context, resource, change, isAppend);
                    break;
                default:
                    return new CommandError(ErrorCode.InvalidRequest, null);
            }
        }

        return Finish(context, resource, before, after.ToImmutable(), changes.Select(static change => change.Name), records);
    }

    private static CommandError? DecideReplacement(
        ControllerContext context, ConfigResource resource, AlterConfigsRequest.AlterableConfig[] values, List<IMessage> records)
    {
        CommandError? error = CheckNames(values.Select(static value => value.Name)) ??
            CheckNulls(values.Where(static value => value.Value is null).Select(static value => value.Name)) ??
            CheckResource(context, resource);
        if (error is not null) return error;
        ImmutableSortedDictionary<string, string> before = context.Image.ConfigsOf(resource);
        ImmutableSortedDictionary<string, string> after = values.ToImmutableSortedDictionary(
            static value => value.Name, static value => value.Value!, StringComparer.Ordinal);

        // KIP-966: the cluster's min.insync.replicas stays when an old client replaces "all" properties without naming it.
        if (context.Image.HasEligibleLeaderReplicas && resource == ConfigResource.AllBrokers && before.TryGetValue(MinInSyncReplicas, out string? least))
            after = after.ContainsKey(MinInSyncReplicas) ? after : after.SetItem(MinInSyncReplicas, least);
        return Finish(context, resource, before, after, before.Keys.Union(after.Keys), records);
    }

    private static CommandError? CheckNames(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.All(seen.Add) ? null : Refuse("Error due to duplicate config keys");
    }

    private static CommandError? CheckNulls(IEnumerable<string> namesWithNull)
    {
        string names = string.Join(",", namesWithNull);
        return names.Length == 0 ? null : Refuse($"Null value not supported for : {names}");
    }

    private static CommandError? CheckResource(ControllerContext context, ConfigResource resource)
    {
        switch (resource.Type)
        {
            case ConfigResourceType.Topic when resource.Name.Length == 0:
                return Refuse("Default topic resources are not allowed.");
            case ConfigResourceType.Topic when TopicName.FindProblem(resource.Name) is { } problem:
                return new CommandError(ErrorCode.InvalidTopicException, problem);
            case ConfigResourceType.Topic when context.Image.Topic(resource.Name) is null:
                return new CommandError(ErrorCode.UnknownTopicOrPartition, $"The topic '{resource.Name}' does not exist.");
            case ConfigResourceType.Group when resource.Name.Length == 0:
                return Refuse("Default group resources are not allowed.");
            case ConfigResourceType.ClientMetrics when resource.Name.Length == 0:
                return Refuse("Subscription name can't be empty");
            case ConfigResourceType.Broker when resource.Name.Length > 0:
                if (!int.TryParse(resource.Name, out int id)) return Refuse($"Node id must be an integer, but it is: {resource.Name}");
                return id == context.Settings.NodeId || context.Image.Brokers.ContainsKey(id)
                    ? null
                    : Refuse($"Unexpected broker id, expected {context.Settings.NodeId}, but received {resource.Name}");
            case ConfigResourceType.Topic or ConfigResourceType.Broker or ConfigResourceType.Group or ConfigResourceType.ClientMetrics:
                return null;
            default:
                return Refuse($"Unknown resource type {(sbyte)resource.Type}");
        }
    }

    private static ConfigDefinition? DefinitionOf(ConfigResource resource, string name) => resource.Type switch
    {
        ConfigResourceType.Topic => ConfigDefinitions.Topic.Find(name),
        ConfigResourceType.Broker => ConfigDefinitions.Broker.Find(name),
        ConfigResourceType.Group => ConfigDefinitions.Group.Find(name),
        _ => ConfigDefinitions.ClientMetrics.Find(name),
    };

    private static string ChangeList(
        ControllerContext context, ConfigResource resource, IncrementalAlterConfigsRequest.AlterableConfig change, bool isAppend)
    {
        string? current = context.Image.ConfigsOf(resource).GetValueOrDefault(change.Name) ?? InheritedList(context, resource, change.Name);
        List<string> items = [.. ConfigText.SplitList(current ?? "")];
        foreach (string item in ConfigText.SplitList(change.Value ?? ""))
        {
            if (!isAppend) items.Remove(item);
            else if (!items.Contains(item)) items.Add(item);
        }

        return string.Join(',', items);
    }

    private static string? InheritedList(ControllerContext context, ConfigResource resource, string name) => resource.Type switch
    {
        ConfigResourceType.Topic => context.Resolver.TopicValues(ImmutableSortedDictionary<string, string>.Empty, DynamicBrokerConfigs.None).Printed(name),
        ConfigResourceType.Broker => context.Resolver.BrokerValue(name, DynamicBrokerConfigs.None),
        _ => DefinitionOf(resource, name)?.Default,
    };

    private static CommandError? Finish(
        ControllerContext context,
        ConfigResource resource,
        ImmutableSortedDictionary<string, string> before,
        ImmutableSortedDictionary<string, string> after,
        IEnumerable<string> touched,
        List<IMessage> records)
    {
        ConfigProblem? problem = CheckMinInSyncReplicas(context, resource, before, after) ?? CheckAll(context, resource, after);
        if (problem is not null)
            return new CommandError(problem.IsInvalidRequest ? ErrorCode.InvalidRequest : ErrorCode.InvalidConfig, problem.Message);
        bool changesMinInSync = false;
        foreach (string name in touched)
        {
            string? value = after.GetValueOrDefault(name);
            if (value == before.GetValueOrDefault(name)) continue;
            records.Add(new ConfigRecord { ResourceType = (sbyte)resource.Type, ResourceName = resource.Name, Name = name, Value = value });
            changesMinInSync |= name == MinInSyncReplicas;
        }

        // KIP-966: eligible leader replicas were counted against the old minimum.
        if (changesMinInSync && context.Image.HasEligibleLeaderReplicas && resource.Type is ConfigResourceType.Topic or ConfigResourceType.Broker)
            records.Add(new ClearElrRecord { TopicName = resource.Type == ConfigResourceType.Topic ? resource.Name : "" });
        return null;
    }

    private static ConfigProblem? CheckMinInSyncReplicas(
        ControllerContext context,
        ConfigResource resource,
        ImmutableSortedDictionary<string, string> before,
        ImmutableSortedDictionary<string, string> after)
    {
        if (!context.Image.HasEligibleLeaderReplicas || resource.Type != ConfigResourceType.Broker) return null;
        if (resource.Name.Length > 0)
            return after.GetValueOrDefault(MinInSyncReplicas) != before.GetValueOrDefault(MinInSyncReplicas)
                ? ConfigProblem.Config("Broker-level min.insync.replicas cannot be altered while ELR is enabled.")
                : null;
        return before.ContainsKey(MinInSyncReplicas) && !after.ContainsKey(MinInSyncReplicas)
            ? ConfigProblem.Config("Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")
            : null;
    }

    private static ConfigProblem? CheckAll(ControllerContext context, ConfigResource resource, ImmutableSortedDictionary<string, string> after) => resource.Type switch
    {
        ConfigResourceType.Topic => TopicConfigRules.Check(after, context.Resolver, context.Dynamic),
        ConfigResourceType.Broker => BrokerConfigRules.CheckDynamic(after, resource.Name.Length > 0, context.Resolver.BrokerValues(context.Dynamic))
            ?? CheckTogether(context, resource, after),
        ConfigResourceType.Group => GroupConfigRules.Check(after, context.Resolver, context.Dynamic),
        _ => ClientMetricsConfigRules.Check(after),
    };

    private static ConfigProblem? CheckTogether(ControllerContext context, ConfigResource resource, ImmutableSortedDictionary<string, string> after)
    {
        DynamicBrokerConfigs dynamic = resource.Name.Length > 0 ? context.Dynamic with { OfBroker = after } : context.Dynamic with { OfCluster = after };
        ConfigValues values = context.Resolver.BrokerValues(dynamic);
        string? reason = BrokerConfigRules.CheckTogether(values);
        // Only this node's directories are known here.
        if (reason is null && resource == ConfigResource.Broker(context.Settings.NodeId)) reason = BrokerConfigRules.CheckCordons(values);
        return reason is null ? null : ConfigProblem.Request(reason);
    }
}
