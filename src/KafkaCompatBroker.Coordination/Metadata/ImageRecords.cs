using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The records that make an image from nothing: the contents of a snapshot. The order is always the same.</summary>
public static class ImageRecords
{
    /// <summary>All records of an image, metadata.version first as readers expect.</summary>
    public static IEnumerable<IMessage> Of(MetadataImage image) =>
        Features(image).Concat(Nodes(image)).Concat(Topics(image)).Concat(Configs(image)).Concat(Quotas(image)).Concat(Security(image));

    private static IEnumerable<IMessage> Features(MetadataImage image)
    {
        if (image.MetadataVersion != 0)
            yield return new FeatureLevelRecord { Name = FeatureNames.MetadataVersion, FeatureLevel = image.MetadataVersion };
        foreach ((string name, short level) in image.Features)
            if (name != FeatureNames.MetadataVersion) yield return new FeatureLevelRecord { Name = name, FeatureLevel = level };
    }

    private static IEnumerable<IMessage> Nodes(MetadataImage image)
    {
        foreach (BrokerImage broker in image.Brokers.Values)
            yield return new RegisterBrokerRecord
            {
                BrokerId = broker.Id,
                IsMigratingZkBroker = broker.IsMigratingZkBroker,
                IncarnationId = broker.IncarnationId,
                BrokerEpoch = broker.Epoch,
                EndPoints = [.. broker.Endpoints.Select(static point => new RegisterBrokerRecord.BrokerEndpoint { Name = point.Listener, Host = point.Host, Port = point.Port, SecurityProtocol = point.SecurityProtocol })],
                Features = [.. broker.Features.Select(static feature => new RegisterBrokerRecord.BrokerFeature { Name = feature.Key, MinSupportedVersion = feature.Value.Lowest, MaxSupportedVersion = feature.Value.Highest })],
                Rack = broker.Rack,
                Fenced = broker.IsFenced,
                InControlledShutdown = broker.IsInControlledShutdown,
                LogDirs = [.. broker.LogDirs],
                CordonedLogDirs = broker.CordonedLogDirs.IsDefault ? null : [.. broker.CordonedLogDirs],
            };
        foreach (ControllerImage controller in image.Controllers.Values)
            yield return new RegisterControllerRecord
            {
                ControllerId = controller.Id,
                IncarnationId = controller.IncarnationId,
                EndPoints = [.. controller.Endpoints.Select(static point => new RegisterControllerRecord.ControllerEndpoint { Name = point.Listener, Host = point.Host, Port = point.Port, SecurityProtocol = point.SecurityProtocol })],
                Features = [.. controller.Features.Select(static feature => new RegisterControllerRecord.ControllerFeature { Name = feature.Key, MinSupportedVersion = feature.Value.Lowest, MaxSupportedVersion = feature.Value.Highest })],
            };
    }

    private static IEnumerable<IMessage> Topics(MetadataImage image)
    {
        foreach (TopicImage topic in image.TopicsByName.Values.OrderBy(static topic => topic.Name, StringComparer.Ordinal))
        {
            yield return new TopicRecord { Name = topic.Name, TopicId = topic.Id };
            for (int index = 0; index < topic.Partitions.Length; index++) yield return Partition(topic, index);
        }
    }

    private static PartitionRecord Partition(TopicImage topic, int index)
    {
        PartitionImage partition = topic.Partitions[index];
        return new PartitionRecord
        {
            PartitionId = index,
            TopicId = topic.Id,
            Replicas = partition.Replicas,
            Isr = partition.Isr,
            RemovingReplicas = partition.RemovingReplicas,
            AddingReplicas = partition.AddingReplicas,
            Leader = partition.Leader,
            LeaderRecoveryState = partition.LeaderRecoveryState,
            LeaderEpoch = partition.LeaderEpoch,
            PartitionEpoch = partition.PartitionEpoch,
            Directories = partition.Directories,
            EligibleLeaderReplicas = partition.EligibleLeaderReplicas.Length == 0 ? null : partition.EligibleLeaderReplicas,
            LastKnownElr = partition.LastKnownElr.Length == 0 ? null : partition.LastKnownElr,
        };
    }

    private static IEnumerable<IMessage> Configs(MetadataImage image)
    {
        foreach (ConfigResource resource in image.Configs.Keys.OrderBy(static key => key.Type).ThenBy(static key => key.Name, StringComparer.Ordinal))
            foreach ((string name, string value) in image.Configs[resource])
                yield return new ConfigRecord { ResourceType = (sbyte)resource.Type, ResourceName = resource.Name, Name = name, Value = value };
    }

    private static IEnumerable<IMessage> Quotas(MetadataImage image)
    {
        foreach (QuotaEntity entity in image.ClientQuotas.Keys.OrderBy(static entity => string.Join('\n', entity.Parts), StringComparer.Ordinal))
            foreach ((string key, double value) in image.ClientQuotas[entity])
                yield return new ClientQuotaRecord
                {
                    Entity = [.. entity.Parts.Select(static part => new ClientQuotaRecord.EntityData { EntityType = part.Type, EntityName = part.Name })],
                    Key = key,
                    Value = value,
                };
        if (image.LastProducerIds is { } producerIds) yield return producerIds;
    }

    private static IEnumerable<IMessage> Security(MetadataImage image)
    {
        foreach (AccessControlEntryRecord acl in image.Acls.Values.OrderBy(static acl => acl.Id.High).ThenBy(static acl => acl.Id.Low)) yield return acl;
        foreach (UserScramCredentialRecord credential in image.ScramCredentials.Values.OrderBy(static one => one.Name, StringComparer.Ordinal).ThenBy(static one => one.Mechanism))
            yield return credential;
        foreach (DelegationTokenRecord token in image.DelegationTokens.Values.OrderBy(static token => token.TokenId, StringComparer.Ordinal)) yield return token;
    }
}
