using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides about the life of brokers: registration, fencing, shutdown, removal.</summary>
internal static class BrokerCommands
{
    public const sbyte Set = 1;
    public const sbyte Clear = -1;

    /// <param name="nextOffset">Offset of the next record; the epoch of this start is by custom the offset of its registration.</param>
    public static Decision<BrokerRegistrationResponse> Register(ControllerContext context, BrokerRegistrationRequest request, long nextOffset, bool isHeard)
    {
        if (request.ClusterId != context.Settings.ClusterId) return Refuse(ErrorCode.InconsistentClusterId);
        BrokerImage? before = context.Image.Brokers.GetValueOrDefault(request.BrokerId);
        if (before is { IsActive: true } && before.IncarnationId != request.IncarnationId && isHeard) return Refuse(ErrorCode.DuplicateBrokerRegistration);
        if (before is not null && before.IncarnationId == request.IncarnationId)
            return Decision<BrokerRegistrationResponse>.Answer(new BrokerRegistrationResponse { BrokerEpoch = before.Epoch });
        foreach ((string feature, short level) in context.Image.Features)
            if (!Supports(request, feature, level)) return Refuse(ErrorCode.UnsupportedVersion);
        // What an earlier start left comes first and the registration last: a part of it does no harm, and the broker asks again.
        List<IMessage> records = before is null
            ? []
            : [.. LeadershipChanges.BrokerLeaves(context, request.BrokerId, isDoubtful: request.PreviousBrokerEpoch != before.Epoch)];
        long newEpoch = nextOffset + records.Count;
        records.Add(new RegisterBrokerRecord
        {
            BrokerId = request.BrokerId,
            IncarnationId = request.IncarnationId,
            BrokerEpoch = newEpoch,
            EndPoints = [.. request.Listeners.Select(static one => new RegisterBrokerRecord.BrokerEndpoint { Name = one.Name, Host = one.Host, Port = one.Port, SecurityProtocol = one.SecurityProtocol })],
            Features = [.. request.Features.Select(static one => new RegisterBrokerRecord.BrokerFeature { Name = one.Name, MinSupportedVersion = one.MinSupportedVersion, MaxSupportedVersion = one.MaxSupportedVersion })],
            Rack = request.Rack,
            Fenced = true,
            LogDirs = RecordVersions.KeepsDirectories(context.Image.MetadataVersion) ? request.LogDirs : [],
        });
        return new Decision<BrokerRegistrationResponse>(records, new BrokerRegistrationResponse { BrokerEpoch = newEpoch }) { IsAtomic = false };

        static Decision<BrokerRegistrationResponse> Refuse(ErrorCode code) =>
            Decision<BrokerRegistrationResponse>.Answer(new BrokerRegistrationResponse { ErrorCode = code });
    }

    public static Decision<BrokerHeartbeatResponse> Heartbeat(ControllerContext context, BrokerHeartbeatRequest request)
    {
        if (!context.Image.Brokers.TryGetValue(request.BrokerId, out BrokerImage? broker)) return Refuse(ErrorCode.BrokerIdNotRegistered);
        if (broker.Epoch != request.BrokerEpoch) return Refuse(ErrorCode.StaleBrokerEpoch);
        bool isCaughtUp = request.CurrentMetadataOffset >= broker.Epoch;
        Uuid[] working = [.. broker.LogDirs.Where(directory => !request.OfflineLogDirs.Contains(directory))];
        bool hasFailures = working.Length < broker.LogDirs.Length;

        // Who comes back leads nothing that was in a directory of which it tells the failure in the same breath.
        if (hasFailures)
            context = context with { Image = context.Image with { Brokers = context.Image.Brokers.SetItem(broker.Id, broker with { LogDirs = [.. working] }) } };
        var records = new List<IMessage>();
        bool isFenced = broker.IsFenced;
        bool shouldStop = false;
        if (request.WantShutDown)
        {
            // First its partitions get other leaders while it still serves; when it asks again it is out at once, not when its session ends.
            if (!broker.IsFenced && !broker.IsInControlledShutdown && LeadershipChanges.Leads(context, broker.Id))
            {
                records.Add(Change(broker, inControlledShutdown: Set));
                records.AddRange(LeadershipChanges.BrokerLeaves(context, broker.Id, isDoubtful: false));
            }
            else
            {
                if (!broker.IsFenced) records.AddRange(Fence(context, broker));
                isFenced = shouldStop = true;
            }
        }
        else if (request.WantFence && !broker.IsFenced)
        {
            records.AddRange(Fence(context, broker));
            isFenced = true;
        }
        else if (!request.WantFence && broker.IsFenced && !broker.IsInControlledShutdown && isCaughtUp)
        {
            // It asks again when only a part of this is written: who is not fenced is not looked at again.
            records.AddRange(LeadershipChanges.BrokerComes(context, broker.Id));
            records.Add(Change(broker, fenced: Clear));
            isFenced = false;
        }

        if (hasFailures)
        {
            records.AddRange(LeadershipChanges.DirectoriesFail(context, broker.Id, request.OfflineLogDirs));
            records.Add(new BrokerRegistrationChangeRecord { BrokerId = broker.Id, BrokerEpoch = broker.Epoch, LogDirs = working });
        }

        if (request.CordonedLogDirs is { } cordoned && RecordVersions.KeepsCordons(context.Image.MetadataVersion) &&
            (broker.CordonedLogDirs.IsDefault || !broker.CordonedLogDirs.SequenceEqual(cordoned)))
            records.Insert(0, new BrokerRegistrationChangeRecord { BrokerId = broker.Id, BrokerEpoch = broker.Epoch, CordonedLogDirs = cordoned });
        return new Decision<BrokerHeartbeatResponse>(
            records, new BrokerHeartbeatResponse { IsCaughtUp = isCaughtUp, IsFenced = isFenced, ShouldShutDown = shouldStop }) { IsAtomic = false };

        static Decision<BrokerHeartbeatResponse> Refuse(ErrorCode code) =>
            Decision<BrokerHeartbeatResponse>.Answer(new BrokerHeartbeatResponse { ErrorCode = code });
    }

    /// <summary>What fences a broker, in an order that may be cut anywhere: one that is fenced already is not looked at again.</summary>
    public static IEnumerable<IMessage> Fence(ControllerContext context, BrokerImage broker) =>
        LeadershipChanges.BrokerLeaves(context, broker.Id, isDoubtful: false).Append(Change(broker, fenced: Set));

    public static Decision<UnregisterBrokerResponse> Unregister(ControllerContext context, UnregisterBrokerRequest request)
    {
        if (!context.Image.Brokers.TryGetValue(request.BrokerId, out BrokerImage? broker))
            return Decision<UnregisterBrokerResponse>.Answer(new UnregisterBrokerResponse
            {
                ErrorCode = ErrorCode.BrokerIdNotRegistered,
                ErrorMessage = $"Broker ID {request.BrokerId} is not currently registered",
            });
        IMessage[] records =
        [
            .. LeadershipChanges.BrokerLeaves(context, broker.Id, isDoubtful: false),
            new UnregisterBrokerRecord { BrokerId = broker.Id, BrokerEpoch = broker.Epoch },
        ];
        return new Decision<UnregisterBrokerResponse>(records, new UnregisterBrokerResponse { ErrorMessage = null }) { IsAtomic = false };
    }

    public static Decision<ControllerRegistrationResponse> RegisterController(ControllerContext context, ControllerRegistrationRequest request)
    {
        if (!RecordVersions.KeepsControllers(context.Image.MetadataVersion))
            return Decision<ControllerRegistrationResponse>.Answer(new ControllerRegistrationResponse { ErrorCode = ErrorCode.UnsupportedVersion });
        var record = new RegisterControllerRecord
        {
            ControllerId = request.ControllerId,
            IncarnationId = request.IncarnationId,
            EndPoints = [.. request.Listeners.Select(static one => new RegisterControllerRecord.ControllerEndpoint { Name = one.Name, Host = one.Host, Port = one.Port, SecurityProtocol = one.SecurityProtocol })],
            Features = [.. request.Features.Select(static one => new RegisterControllerRecord.ControllerFeature { Name = one.Name, MinSupportedVersion = one.MinSupportedVersion, MaxSupportedVersion = one.MaxSupportedVersion })],
        };
        return new Decision<ControllerRegistrationResponse>([record], new ControllerRegistrationResponse { ErrorMessage = null });
    }

    public static Decision<UnregisterControllerResponse> UnregisterController(ControllerContext context, UnregisterControllerRequest request)
    {
        if (request.ControllerId == context.Settings.NodeId) return Refuse(ErrorCode.InvalidRequest, "Controller cannot unregister itself while it is active.");
        if (!RecordVersions.ForgetsControllers(context.Image.MetadataVersion))
            return Refuse(ErrorCode.UnsupportedVersion, "The current MetadataVersion is too old to support controller unregistration.");
        if (!context.Image.Controllers.ContainsKey(request.ControllerId))
            return Refuse(ErrorCode.ControllerIdNotRegistered, $"Controller ID {request.ControllerId} is not currently registered");
        return new Decision<UnregisterControllerResponse>(
            [new UnregisterControllerRecord { ControllerId = request.ControllerId }], new UnregisterControllerResponse { ErrorMessage = null });

        static Decision<UnregisterControllerResponse> Refuse(ErrorCode code, string message) =>
            Decision<UnregisterControllerResponse>.Answer(new UnregisterControllerResponse { ErrorCode = code, ErrorMessage = message });
    }

    public static Decision<AllocateProducerIdsResponse> AllocateProducerIds(ControllerContext context, AllocateProducerIdsRequest request)
    {
        const int BlockSize = 1000;
        if (!context.Image.Brokers.TryGetValue(request.BrokerId, out BrokerImage? broker) || broker.Epoch != request.BrokerEpoch)
            return Decision<AllocateProducerIdsResponse>.Answer(new AllocateProducerIdsResponse { ErrorCode = ErrorCode.StaleBrokerEpoch });
        long first = context.Image.NextProducerId;
        if (first > long.MaxValue - BlockSize)
            return Decision<AllocateProducerIdsResponse>.Answer(new AllocateProducerIdsResponse { ErrorCode = ErrorCode.UnknownServerError });
        return new Decision<AllocateProducerIdsResponse>(
            [new ProducerIdsRecord { BrokerId = broker.Id, BrokerEpoch = broker.Epoch, NextProducerId = first + BlockSize }],
            new AllocateProducerIdsResponse { ProducerIdStart = first, ProducerIdLen = BlockSize });
    }

    private static BrokerRegistrationChangeRecord Change(BrokerImage broker, sbyte fenced = 0, sbyte inControlledShutdown = 0) =>
        new() { BrokerId = broker.Id, BrokerEpoch = broker.Epoch, Fenced = fenced, InControlledShutdown = inControlledShutdown };

    private static bool Supports(BrokerRegistrationRequest request, string feature, short level)
    {
        foreach (BrokerRegistrationRequest.Feature one in request.Features)
            if (one.Name == feature) return level >= one.MinSupportedVersion && level <= one.MaxSupportedVersion;
        return false;
    }
}
