using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.UpdateFeaturesRequest;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides UpdateFeatures (KIP-584, KIP-1022): all updates of a request or none.</summary>
internal static class FeaturesCommand
{
    private const sbyte Upgrade = 1;
    private const sbyte SafeDowngrade = 2;
    private const sbyte UnsafeDowngrade = 3;

    /// <summary>3.7-IV0: controllers register, and say what they support.</summary>
    private const short FirstVersionWithControllers = 15;

    /// <param name="version">Version of the request: 0 has a downgrade flag instead of a type.</param>
    /// <param name="kraftVersion">The quorum's level, which no record of features has.</param>
    public static Decision<UpdateFeaturesResponse> Decide(ControllerContext context, UpdateFeaturesRequest request, short version, short kraftVersion)
    {
        var records = new List<IMessage>();
        foreach (FeatureUpdateKey update in request.FeatureUpdates)
        {
            sbyte kind = version > 0 ? update.UpgradeType : update.AllowDowngrade ? SafeDowngrade : Upgrade;
            if (Check(context, update, kind, kraftVersion) is { } problem)
                return Decision<UpdateFeaturesResponse>.Answer(new UpdateFeaturesResponse
                {
                    ErrorCode = ErrorCode.InvalidUpdateVersion,
                    ErrorMessage = $"The update failed for all features since the following feature had an error: {problem}",
                });
            if (update.Feature != FeatureNames.KRaftVersion && LevelOf(context, update.Feature) != update.MaxVersionLevel)
                AddRecords(context, update, records);
        }

        return new Decision<UpdateFeaturesResponse>(request.ValidateOnly ? [] : records, new UpdateFeaturesResponse
        {
            ErrorMessage = null,
            Results = version > 1 ? [] : [.. request.FeatureUpdates.Select(static update => new UpdateFeaturesResponse.UpdatableFeatureResult { Feature = update.Feature, ErrorMessage = "NONE" })],
        });
    }

    /// <summary>Records that must come with eligible leader replicas: a minimum that no single broker can change.</summary>
    public static IEnumerable<IMessage> ForEligibleLeaderReplicas(ControllerContext context)
    {
        const string MinInSyncReplicas = "min.insync.replicas";
        if (!context.Image.ConfigsOf(ConfigResource.AllBrokers).ContainsKey(MinInSyncReplicas))
            yield return new ConfigRecord
            {
                ResourceType = (sbyte)ConfigResourceType.Broker,
                ResourceName = "",
                Name = MinInSyncReplicas,
                Value = context.Resolver.BrokerValue(MinInSyncReplicas, Configs.DynamicBrokerConfigs.None),
            };
        foreach (int broker in context.Image.Brokers.Keys)
            if (context.Image.ConfigsOf(ConfigResource.Broker(broker)).ContainsKey(MinInSyncReplicas))
                yield return new ConfigRecord
                {
                    ResourceType = (sbyte)ConfigResourceType.Broker,
                    ResourceName = ConfigResource.Broker(broker).Name,
                    Name = MinInSyncReplicas,
                    Value = null,
                };
    }

    private static void AddRecords(ControllerContext context, FeatureUpdateKey update, List<IMessage> records)
    {
        records.Add(new FeatureLevelRecord { Name = update.Feature, FeatureLevel = update.MaxVersionLevel });
        if (update.Feature != FeatureNames.EligibleLeaderReplicas) return;
        if (update.MaxVersionLevel > 0) records.AddRange(ForEligibleLeaderReplicas(context));
        else records.Add(new ClearElrRecord { TopicName = "" });
    }

    private static short LevelOf(ControllerContext context, string feature) => context.Image.Features.GetValueOrDefault(feature);

    private static string? Check(ControllerContext context, FeatureUpdateKey update, sbyte kind, short kraftVersion)
    {
        string start = $"Invalid update version {update.MaxVersionLevel} for feature {update.Feature}.";
        if (kind is not (Upgrade or SafeDowngrade or UnsafeDowngrade)) return $"{start} The controller does not support the given upgrade type.";
        if (!context.Settings.SupportedFeatures.TryGetValue(update.Feature, out FeatureRange? range))
            return $"{start} Local controller {context.Settings.NodeId} does not support this feature.";
        if (update.MaxVersionLevel < range.Lowest || update.MaxVersionLevel > range.Highest)
            return $"{start} Local controller {context.Settings.NodeId} only supports versions {range.Lowest}-{range.Highest}";
        if (update.MaxVersionLevel > 0 && WhoLacks(context, update) is { } node) return $"{start} {node} does not support this feature at that version.";
        bool isOfQuorum = update.Feature == FeatureNames.KRaftVersion;
        short current = isOfQuorum ? kraftVersion : LevelOf(context, update.Feature);
        if (kind != Upgrade && update.MaxVersionLevel > current) return $"{start} Can't downgrade to a newer version.";
        if (kind == Upgrade && update.MaxVersionLevel < current)
            return $"{start} Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
        if (isOfQuorum) return update.MaxVersionLevel < current ? $"{start} Can't downgrade the version of this feature." : null;
        return CheckDependencies(context, update, kind, current, start);
    }

    private static string? WhoLacks(ControllerContext context, FeatureUpdateKey update)
    {
        foreach (BrokerImage broker in context.Image.Brokers.Values)
            if (broker.Id != context.Settings.NodeId && !Supports(broker.Features, update)) return $"Broker {broker.Id}";
        if (context.Image.MetadataVersion < FirstVersionWithControllers) return null;
        foreach (ControllerImage controller in context.Image.Controllers.Values)
            if (controller.Id != context.Settings.NodeId && !Supports(controller.Features, update)) return $"Controller {controller.Id}";
        return null;
    }

    private static bool Supports(ImmutableSortedDictionary<string, FeatureRange> features, FeatureUpdateKey update) =>
        features.TryGetValue(update.Feature, out FeatureRange? range) && update.MaxVersionLevel >= range.Lowest && update.MaxVersionLevel <= range.Highest;

    private static string? CheckDependencies(ControllerContext context, FeatureUpdateKey update, sbyte kind, short current, string start)
    {
        short metadataVersion = context.Image.MetadataVersion;
        if (update.Feature == FeatureNames.EligibleLeaderReplicas && update.MaxVersionLevel > 0 && metadataVersion < 23)
            return $"{start} {update.Feature}={update.MaxVersionLevel} depends on metadata.version 23 or higher.";
        if (update.Feature != FeatureNames.MetadataVersion || update.MaxVersionLevel >= current) return null;
        if (FeatureCatalog.IsLosslessDowngrade(current, update.MaxVersionLevel)) return null;
        string why = kind == UnsafeDowngrade
            ? "Unsafe metadata downgrade is not supported in this version."
            : "Refusing to perform the requested downgrade because it might delete metadata information.";
        return $"Unsupported metadata.version downgrade from {current} to {update.MaxVersionLevel}. {why}";
    }
}
