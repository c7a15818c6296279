using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The part of <see cref="MetadataDelta"/> that concerns registered nodes.</summary>
internal sealed class ClusterDelta(MetadataImage image, MetadataChanges changes)
{
    private readonly ImmutableSortedDictionary<int, BrokerImage>.Builder _brokers = image.Brokers.ToBuilder();
    private readonly ImmutableSortedDictionary<int, ControllerImage>.Builder _controllers = image.Controllers.ToBuilder();

    public void Apply(IMessage record)
    {
        switch (record)
        {
            case RegisterBrokerRecord registration:
                _brokers[registration.BrokerId] = Register(registration);
                changes.ChangedBrokers.Add(registration.BrokerId);
                break;
            case UnregisterBrokerRecord unregister:
                _brokers.Remove(unregister.BrokerId);
                changes.ChangedBrokers.Add(unregister.BrokerId);
                break;
            case FenceBrokerRecord fence:
                Change(fence.Id, fence.Epoch, static broker => broker with { IsFenced = true });
                break;
            case UnfenceBrokerRecord unfence:
                Change(unfence.Id, unfence.Epoch, static broker => broker with { IsFenced = false });
                break;
            case BrokerRegistrationChangeRecord change:
                Change(change.BrokerId, change.BrokerEpoch, broker => Changed(broker, change));
                break;
            case RegisterControllerRecord controller:
                _controllers[controller.ControllerId] = new ControllerImage(
                    controller.ControllerId,
                    controller.IncarnationId,
                    [.. controller.EndPoints.Select(static point => new NodeEndpoint(point.Name, point.Host, point.Port, point.SecurityProtocol))],
                    controller.Features.ToImmutableSortedDictionary(
                        static feature => feature.Name,
                        static feature => new FeatureRange(feature.MinSupportedVersion, feature.MaxSupportedVersion),
                        StringComparer.Ordinal));
                break;
            case UnregisterControllerRecord unregister:
                _controllers.Remove(unregister.ControllerId);
                break;
        }
    }

    public MetadataImage Into(MetadataImage target) => target with { Brokers = _brokers.ToImmutable(), Controllers = _controllers.ToImmutable() };

    private static BrokerImage Register(RegisterBrokerRecord record) => new()
    {
        Id = record.BrokerId,
        Epoch = record.BrokerEpoch,
        IncarnationId = record.IncarnationId,
        Endpoints = [.. record.EndPoints.Select(static point => new NodeEndpoint(point.Name, point.Host, point.Port, point.SecurityProtocol))],
        Features = record.Features.ToImmutableSortedDictionary(
            static feature => feature.Name,
            static feature => new FeatureRange(feature.MinSupportedVersion, feature.MaxSupportedVersion),
            StringComparer.Ordinal),
        Rack = record.Rack,
        IsFenced = record.Fenced,
        IsInControlledShutdown = record.InControlledShutdown,
        IsMigratingZkBroker = record.IsMigratingZkBroker,
        LogDirs = [.. record.LogDirs],
        CordonedLogDirs = record.CordonedLogDirs is null ? default : [.. record.CordonedLogDirs],
    };

    private static BrokerImage Changed(BrokerImage broker, BrokerRegistrationChangeRecord change) => broker with
    {
        IsFenced = change.Fenced == 0 ? broker.IsFenced : change.Fenced > 0,
        IsInControlledShutdown = change.InControlledShutdown == 0 ? broker.IsInControlledShutdown : change.InControlledShutdown > 0,
        LogDirs = change.LogDirs.Length == 0 ? broker.LogDirs : [.. change.LogDirs],
        CordonedLogDirs = change.CordonedLogDirs is null ? broker.CordonedLogDirs : [.. change.CordonedLogDirs],
    };

    private void Change(int brokerId, long epoch, Func<BrokerImage, BrokerImage> change)
    {
        if (!_brokers.TryGetValue(brokerId, out BrokerImage? broker) || broker.Epoch != epoch)
            throw new InvalidOperationException($"Broker {brokerId} is not registered with epoch {epoch}.");
        _brokers[brokerId] = change(broker);
        changes.ChangedBrokers.Add(brokerId);
    }
}
